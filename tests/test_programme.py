"""The policy file: what it may say, and what is said of the rest."""

import pytest

from hazardmap import Policy, SchemaError


@pytest.mark.parametrize(
    ("line", "found", "needed"),
    [
        ("extent_deg = 5", "extent_deg = 5", "west, south, east, north in degrees"),
        ('extent_deg = "46 38 50 42"', "extent_deg = '46 38 50 42'", "west, south, east, north in degrees"),
        ("extent_deg = [50, 38, 46, 42]", "extent_deg = (50, 38, 46, 42)", "west, south, east, north in degrees"),
        ("extent_deg = [nan, 38, 50, 42]", "extent_deg = (nan, 38, 50, 42)", "west, south, east, north in degrees"),
        ("country = 5", "country = 5", "country is a text"),
        ("approval_for = 5", "approval_for = 5", "approval_for is a list of texts"),
        ('approval_for = "cleared"', "approval_for = 'cleared'", "approval_for is a list of texts"),
        ('handover_for = ["clear"]', "handover_for holds ['clear']", "holds only cancelled, reduced, cleared"),
        ("evidence_direct = [1, 2]", "evidence_direct = (1, 2)", "evidence_direct is a list of texts"),
        ('unlinked_releases = ["ground"]', "unlinked_releases = ('ground',)", "one of none, ground"),
        ("proximity_m = nan", "proximity_m = nan", "a number, 0 or more"),
        ("proximity_m = true", "proximity_m = True", "a number, 0 or more"),
        ('plots_m = "1"', "plots_m = '1'", "a number, 0 or more"),
    ],
)
def test_a_policy_that_cannot_be_meant(line, found, needed):
    with pytest.raises(SchemaError) as caught:
        Policy.from_toml(line)
    assert caught.value.found == f"policy: {found}"
    assert needed in caught.value.needed


def test_all_faults_at_once():
    with pytest.raises(SchemaError) as caught:
        Policy.from_toml("country = 5\ndepth_for = 5\nplots_m = -1")
    for said in ("country = 5", "depth_for = 5", "plots_m = -1"):
        assert said in caught.value.found


@pytest.mark.parametrize(
    ("line", "found", "needed"),
    [
        ("public_round_m2 = 0", "public_round_m2 = 0.0", "1000 or more; an exact area would name the hazard"),
        ("public_cell_m = 499", "public_cell_m = 499.0", "500 or more"),
        ('public_areas = "villages"', "public_areas = 'villages'", "one of districts, cells"),
        ('public_shows = ["everything"]', "public_shows holds ['everything']", "holds only boundaries, finds"),
        (
            'public_shows = ["boundaries"]',
            "public_shows holds 'boundaries' without 'finds'",
            "whose middle is the find",
        ),
        ('partner_shows = "ids"', "partner_shows = 'ids'", "is a list of texts"),
    ],
)
def test_what_others_may_see_is_stated_in_known_words(line, found, needed):
    with pytest.raises(SchemaError) as caught:
        Policy.from_toml(line)
    assert caught.value.found == f"policy: {found}"
    assert needed in caught.value.needed


def test_the_public_sees_nothing_exact_by_default():
    assert Policy().public_shows == ()
    assert not {"text", "documents", "casualties"} & set(Policy().partner_shows)
