"""The forms that an analysis is printed in, a module each."""
