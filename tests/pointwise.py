"""The rule of the ground read at one point, from the words of the design and nothing of the library.

Rows are plain dicts with `geometry` in plane metres; the only geometry asked is "does this shape hold that point" and "how far".
"""

EARLY, LATE = "0000-00-00", "9999-99-99"
PRODUCT = {"NTS": "cancelled", "TS": "reduced", "clearance": "cleared", "BAC": "cleared"}
ORDER = ["confirmed_open", "suspected_open", "in_question", "not_handed_over", "cancelled", "reduced", "cleared"]


def holds(shape, point):
    return shape is not None and shape.contains(point)


def standing(r, day):
    """void, pending or counting."""
    if r["decision"] == "rejected" and (r["decision_date"] or EARLY) <= day:
        return "void"
    if r["quality"] == "failed" and (r["quality_date"] or EARLY) <= day:
        return "void"
    if r.get("nonconformity") in ("major", "critical") and not (r.get("nonconformity_closed_on") or LATE) <= day:
        return "void"
    if r["activity_type"] and PRODUCT.get(r["activity_type"]) != r["product"]:
        return "void"
    good = (
        r["activity_type"]
        and r["decision"] == "approved"
        and (r["decision_date"] or LATE) <= day
        and r["quality"] == "passed"
        and (r["quality_date"] or LATE) <= day
        and (r["product"] != "cleared" or (r["depth_m"] or 0) > 0)
        and r["handover_no"]
        and (r["handover_date"] or LATE) <= day
    )
    return "counting" if good else "pending"


def unanswered(f, day):
    """An answer counts from its day on, and answers nothing that was found after it."""
    found, answer = f.get("date") or EARLY, f.get("answered_on")
    return found <= day and not (f.get("answered_by") and answer and found <= answer <= day)


def questioned(r, rows, day):
    """A find after some release of the same activity, within its accuracy of it."""
    for other in rows["releases"]:
        same = other is r or (r.get("activity_id") and other.get("activity_id") == r.get("activity_id"))
        if not same or other["date_completed"] > day or other["geometry"] is None:
            continue
        for f in rows["finds"]:
            after = not f.get("date") or f["date"] > other["date_completed"]
            if after and unanswered(f, day) and other["geometry"].distance(f["geometry"]) <= f["accuracy_m"]:
                return True
    return False


def ground_of(hazard_id, rows, point, day):
    """(is it the hazard's ground, the date the ground bears, is the hazard confirmed, is it approved ground)."""
    ground = approved_ground = confirmed = False
    bears = EARLY
    versions = [h for h in rows["hazards"] if h["hazard_id"] == hazard_id and h["date_of_information"] <= day]
    for v in sorted(versions, key=lambda v: v["date_of_information"]):
        here, approved = holds(v["geometry"], point), v["workflow"] == "approved"
        renewed = here and (not ground or v["event"] in ("established", "reopened"))
        if renewed or (v["geometry"] is None and ground and v["event"] == "reopened"):
            bears = v["date_of_information"]
        if v["event"] == "revised_down" and approved and v["geometry"] is not None:
            ground = approved_ground = here
        else:
            ground = ground or here
            approved_ground = approved_ground or (here and approved)
        confirmed = v["classification"] == "confirmed" if approved else confirmed or v["classification"] == "confirmed"
    if ground:
        last = [v for v in versions if v["workflow"] == "approved"]
        latest = max(last, key=lambda v: v["date_of_information"]) if last else {"date_of_information": EARLY}
        heirs = latest.get("superseded_by", ())
        handed_on = bears <= latest["date_of_information"]  # not what a draft reported again later
        if handed_on and any(ground_of(heir, rows, point, day)[3] for heir in heirs if heir != hazard_id):
            ground = False
    return ground, bears, confirmed, approved_ground


def state(rows, point, day, *, unlinked="none", radius=100.0):
    """The state of a point on a day; None where no record speaks."""
    there = [r for r in rows["releases"] if r["date_completed"] <= day and holds(r["geometry"], point)]
    there = [r for r in there if standing(r, day) != "void"]

    def best(candidates):
        level = {"released": [], "in_question": [], "not_handed_over": []}
        for r in candidates:
            counting = standing(r, day) == "counting"
            level["in_question" if questioned(r, rows, day) else "released" if counting else "not_handed_over"].append(
                r
            )
        if level["released"]:
            return min(
                level["released"], key=lambda r: (r["date_completed"], ORDER.index(r["product"]), r["release_id"])
            )["product"]
        return "in_question" if level["in_question"] else "not_handed_over" if level["not_handed_over"] else None

    found = []
    for hazard_id in {h["hazard_id"] for h in rows["hazards"]}:
        ground, bears, confirmed, _ = ground_of(hazard_id, rows, point, day)
        if ground:
            frees = [
                r
                for r in there
                if (hazard_id in r["hazard_ids"] or (unlinked == "ground" and not r["hazard_ids"]))
                and bears <= r["date_completed"]
            ]
            found.append(best(frees) or ("confirmed_open" if confirmed else "suspected_open"))
    if not found and there:
        found.append(best(there))
    for f in rows["finds"]:
        near = point.distance(f["geometry"]) <= max(radius, f["accuracy_m"])
        if (
            near
            and unanswered(f, day)
            and not any(ground_of(h["hazard_id"], rows, f["geometry"], day)[0] for h in rows["hazards"])
        ):
            found.append("suspected_open")
    if found:
        return min(found, key=ORDER.index)
    surveyed = any(holds(s["geometry"], point) and s["date"] <= day for s in rows["surveys"])
    return "surveyed" if surveyed else None
