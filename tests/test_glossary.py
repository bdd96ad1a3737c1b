"""The glossary: every term leads home, and to the chapters that use it."""

from concordance import first_sections
from docutils.core import publish_doctree
from pages import one_process, parsed

CHAPTER = """
A title
=======

Start
-----

Here are some Kronecker
products and :literal:`vec`.

Middle
------

A vector, and vec. Another Kronecker product.
"""


def test_terms_are_found_in_the_first_section_that_has_them_as_words():
    doctree = publish_doctree(CHAPTER)
    terms = {"Kronecker product", "vec", "gradient"}
    assert first_sections(doctree, terms) == {"Kronecker product": "start", "vec": "middle"}


@one_process
def test_every_term_leads_home_and_to_the_sections_that_use_it(site):
    chapters = site / "chapters"
    definitions = parsed(chapters / "glossary.html").select("dl.glossary > dd")
    assert definitions
    for definition in definitions:
        assert definition.select("p:not(.uses) a[href]"), definition.text
        for link in definition.select("p.uses a"):
            page, section = link["href"].split("#")
            assert parsed(chapters / page).find(id=section), link["href"]
