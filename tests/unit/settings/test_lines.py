"""The line of a key path, found in the ways that TOML can write it."""

from connector.settings.lines import line_of

TEXT = '''\
# a comment = with an equals sign
[web]
port = 1
text = """
host = "not a key"
"""
host = "x"

[offices.main]
"end point" = 1
auth.user = "x"
inline = { deep = { deeper = 1 } }

[[lists]]
name = "first"

[[ lists ]]
name = "second"
'''


def test_lines_are_found_for_plain_dotted_quoted_and_listed_keys():
    assert line_of(TEXT, ["web"]) == 2
    assert line_of(TEXT, ["web", "port"]) == 3
    assert line_of(TEXT, ["web", "host"]) == 7
    assert line_of(TEXT, ["offices", "main", "end point"]) == 10
    assert line_of(TEXT, ["offices", "main", "auth", "user"]) == 11
    assert line_of(TEXT, ["lists", 1, "name"]) == 18


def test_the_nearest_parent_answers_for_what_is_not_written():
    assert line_of(TEXT, ["web", "missing"]) == 2
    assert line_of(TEXT, ["offices", "main", "inline", "deep", "deeper"]) == 12
    assert line_of(TEXT, ["offices"]) == 9
    assert line_of(TEXT, ["nowhere", "at", "all"]) is None
