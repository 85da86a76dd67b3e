"""What a Sonar server says about a repository, for the doctor."""
