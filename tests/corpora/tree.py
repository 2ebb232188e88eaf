"""The tree of parts as the reader's own module has it in the page, compared with the one that lies beside a message."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from tests.corpora.seen import bare

#: From the bytes as the server hands them out, by the module that the worker reads with.
TREE = """async (path) => {
  const own = document.querySelector('script[src$="elements/page.js"]').src;
  const { parse, decodeBody } = await import(own.replace("elements/page.js", "crypto/mime-read.js"));
  const raw = new Uint8Array(await (await fetch(`${path}raw/`)).arrayBuffer());
  const { root } = parse(raw);
  const latin1 = (bytes) => Array.from(bytes.subarray(0, 200_000), (byte) => String.fromCharCode(byte)).join("");
  const read = (entity) => ({
    type: entity.type, name: entity.name, parts: entity.parts.map(read),
    content: entity.parts.length === 0 ? latin1(decodeBody(entity)) : "",
  });
  return read(root);
}"""


def differences(expected: Path, tree: dict[str, Any]) -> list[str]:
    """Where the tree is another than the XML beside the message (mime4j's form) says."""
    root = ElementTree.fromstring(expected.read_bytes())
    return list(_compare(root, tree, expected.parent, "1"))


def _compare(element: ElementTree.Element, entity: dict[str, Any], folder: Path, at: str) -> list[str]:
    wanted = next((child for child in element if child.tag not in ("header", "preamble", "epilogue")), None)
    if wanted is None:
        return []
    if wanted.tag == "multipart":
        parts = [child for child in wanted if child.tag == "body-part"]
        if len(parts) != len(entity["parts"]):
            return [f"{at}: {len(entity['parts'])} parts, not {len(parts)}"]
        pairs = zip(parts, entity["parts"], strict=True)
        return [line for n, (part, own) in enumerate(pairs, 1) for line in _compare(part, own, folder, f"{at}.{n}")]
    if wanted.tag == "message":
        inner = entity["parts"][0] if entity["parts"] else None
        return _compare(wanted, inner, folder, f"{at}.1") if inner else [f"{at}: no message inside"]
    return _content(folder / wanted.get("name", ""), entity, at)


def _content(file: Path, entity: dict[str, Any], at: str) -> list[str]:
    if entity["parts"]:
        return [f"{at}: parts where there are none"]
    wanted = bare(file.read_bytes()[:200_000].decode("latin-1"))
    found = bare(entity["content"])
    # Where one of the two was cut for size, what there is must agree.
    length = min(len(wanted), len(found)) if max(len(wanted), len(found)) > 150_000 else max(len(wanted), len(found))
    # Of a base64 text that was cut inside a group of four, readers keep more or less of the last bytes.
    if found.startswith(wanted) and 0 < len(found) - len(wanted) <= 2 and wanted:
        return []
    return [] if wanted[:length] == found[:length] else [f"{at}: {found[:60]!r}, not {wanted[:60]!r}"]
