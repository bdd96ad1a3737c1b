"""The page of questions: all of them, each with a place in the book."""

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "chapters" / "questions.md"
ROW = re.compile(r"^\| (\d+)\. (.+?[?].*?) \| (.+) \|$", re.MULTILINE)


def test_twenty_five_questions_have_a_place_each():
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert [int(number) for number, _, _ in rows] == list(range(1, 26))
    place = re.compile(r"\{(prf:ref|ref|doc)\}`[\w-]+`")
    assert [question for _, question, answer in rows if not place.search(answer)] == []
