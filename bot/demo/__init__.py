"""A city that was made up, so that anyone can see the bot at work: people, their conversations, officers, broadcasts.

Only people, clock and platform are made up. Turns are planned by the services, broadcasts go through the desk and the
planner, and what everybody is told comes from the library.
"""
