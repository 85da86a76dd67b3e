"""Words of MLflow's search language."""


def equals(field: str, value: str) -> str:
    """Return a condition that finds a value; one with quotes of both kinds it finds with others that look alike.

    The language has no way to write a quote inside of its own kind: https://mlflow.org/docs/latest/ml/search/search-runs/.

    Args:
        field: What to compare, such as tags.user_email.
        value: With what.
    """
    if "'" not in value:
        return f"{field} = '{value}'"
    if '"' not in value:
        return f'{field} = "{value}"'
    alike = value.replace("'", "_")  # any one character
    return f"{field} LIKE '{alike}'"
