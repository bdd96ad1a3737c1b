"""Give the entries of a bibliography the role that their list promises to screen readers."""


def mend_roles(app, pagename, templatename, context, doctree):
    """Replace the role that docutils writes, which ARIA has withdrawn."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    """Mend every page before it is written."""
    app.connect("html-page-context", mend_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
