"""The names of the tests themselves."""


def test_mutmut_finds_tests_by_their_names(request):
    # pytest escapes other characters in given ids, and escapes them anew when it collects again,
    # as mutmut has it do for each mutant: a test not found would pass for a mutant killed.
    given = [
        item.nodeid
        for item in request.session.items
        if any(mark.kwargs.get("ids") for mark in item.iter_markers("parametrize"))
    ]
    assert [name for name in given if "\\" in name] == []
