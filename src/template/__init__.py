"""Make this repository a team's own: its names, and without the parts that the team leaves out."""
