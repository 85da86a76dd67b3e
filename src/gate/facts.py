"""What a Sonar server says about a repository, for the doctor."""

import os

from gate import server
from gate.doctor import ServerFacts
from gate.errors import CannotJudgeError
from gate.repository import Repository
from gate.sonar import Api, Server
