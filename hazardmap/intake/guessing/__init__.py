"""Proposals for a profile: which column of a file may be which of ours, each with its reason. Nothing is applied."""

from hazardmap.intake.guessing.proposal import Match, Proposal
from hazardmap.intake.guessing.proposing import propose

__all__ = ["Match", "Proposal", "propose"]
