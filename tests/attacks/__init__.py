"""Hostile and unlucky submissions, and what each of them comes to.

Each is a real notebook, made from the student version of a small lesson (`course`). The families
are tables of `Attack`s: `exhaustion`, `reading`, `writing`, `network`, `forging`, `metadata`.
`outside` is what must stay unseen and unharmed. `../test_attacks.py` gives all of them to this
course's grader; `stock` gave them once to nbgrader as it comes, and `python -m attacks` prints
both columns::

    PYTHONPATH=tests .venv/bin/python -m attacks
"""
