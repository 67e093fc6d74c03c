"""Values of elements of XML, whatever its namespaces."""

from __future__ import annotations

from xml.etree import ElementTree


def parse_xml(content: bytes) -> ElementTree.Element | None:
    """The root element; None for what is no XML."""
    try:
        return ElementTree.fromstring(bytes(content).strip(b"\0 \r\n\t"))
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def find_element(root: ElementTree.Element, path: str) -> ElementTree.Element | None:
    """The first element on a path below the root, whatever its namespace."""
    return root.find("./" + "/".join(f"{{*}}{name}" for name in path.split("/")))


def find_value(root: ElementTree.Element, path: str) -> str | None:
    """The text of the first element on a path below the root; None where there is none."""
    element = find_element(root, path)
    return None if element is None else (element.text or "").strip()
