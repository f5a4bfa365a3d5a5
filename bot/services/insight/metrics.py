"""The names of counters and marks: what is written when the log is folded, and read by the pages."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    """Counters by day and commune. Those of a dialog's list have the dialog as key, those of its nodes as subject."""

    ACTIVE = "active"  # people heard on that day
    NEW = "new"  # people heard for the first time
    LAST = "last"  # people by the day on which they were heard last
    HEARD = "heard"
    HOUR = "hour"  # messages heard; key: the hour, 00 to 23
    SAID = "said"
    MISSED = "missed"
    HANDOFF = "handoff"
    STOPPED = "stopped"
    SECTION = "section"  # people by the day on which a section (key) reached them last
    TOLD = "told"  # messages that carried a section (key)

    ENTERED = "entered"  # times; key: dialog
    ENTRANT = "entrant"  # people by the day on which they entered a dialog (key) last
    FINISHED = "finished"  # times; key: dialog
    HANDED = "handed"  # hand-offs; key: the dialog entered last
    WAITING = "waiting"  # people whose open question is in a dialog (key), by the day it was asked
    STEPS = "steps"  # finished runs of a dialog; subject: dialog, key: answers they took

    ASKED = "asked"  # this and the following: subject: dialog, key: node
    ANSWERED = "answered"
    LEFT = "left"
    OPEN = "open"  # people whose open question it is, by the day it was asked
    STUCK = "stuck"  # messages there that were not understood
    CHOICE = "choice"  # key: node/choice
    SPOKEN = "spoken"  # messages that began with its words

    REPLIED = "replied"  # this and the following: people; subject: broadcast
    FOLLOWED = "followed"
    QUIT = "quit"


class Marked(StrEnum):
    """What is kept of each contact beside the people that `Metric` counts by their last day."""

    PROFILE = "profile"  # commune as told last; value: the dialog entered last
    PLACE = "place"  # value: dialog/node of the question asked last; n: 1 while it is open
    FORM = "form"  # has typed a form (key) that was not understood


OF_BROADCAST = (Metric.REPLIED, Metric.FOLLOWED, Metric.QUIT)
BY_LAST_DAY = (Metric.LAST, Metric.SECTION, Metric.ENTRANT)
"""People counted once, on the last day on which it was so: a newer mark moves their one from the old day to the new."""
