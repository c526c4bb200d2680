"""How far a compass points off true north, by the model of the day and with its uncertainty."""

from hazardmap.intake.declination.models import Declination, declination, declinations, spans

__all__ = ["Declination", "declination", "declinations", "spans"]
