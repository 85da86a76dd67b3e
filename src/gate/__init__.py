"""The pipeline and Sonar's verdict, on this machine."""
