"""Evidence as JSON and back: what a grader reads is what the notebook saw."""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tcplab.errors import BadValue
from tcplab.model.connection import Connection
from tcplab.model.counters import Counters
from tcplab.model.evidence import Evidence
from tcplab.model.four_tuple import Endpoint, FourTuple
from tcplab.model.segment import Fate
from tcplab.model.state import TcpState
from unit.packets import script

OPENED = script("client > S\nserver > SA dropped\nserver > SA again\nclient > A\nclient > PA 20\nserver > FA held")
ADDRESSES = st.builds(IPv4Address, st.integers(0, 2**32 - 1)) | st.builds(IPv6Address, st.integers(0, 2**128 - 1))
ENDPOINTS = st.builds(Endpoint, ADDRESSES, st.integers(0, 65535))
CONNECTIONS = st.builds(
    Connection,
    st.sampled_from(TcpState),
    ENDPOINTS,
    ENDPOINTS,
    st.sampled_from([None, "timewait", "retransmit"]),
    st.none() | st.floats(0, 200),
    process=st.none() | st.text(max_size=9),
)
HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=9),
    st.binary(max_size=9),
    st.just(...),
    st.sampled_from(TcpState),
    st.sampled_from(Fate),
    ADDRESSES,
    ENDPOINTS,
    st.builds(FourTuple, ENDPOINTS, ENDPOINTS),
    CONNECTIONS,
    st.sampled_from(OPENED),
)
ANSWERS = st.recursive(
    HASHABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.sets(HASHABLE, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
    ),
    max_leaves=12,
)
EVIDENCE = st.builds(
    Evidence,
    st.lists(st.sampled_from(OPENED), max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(["client", "server"]), st.lists(CONNECTIONS, max_size=3).map(tuple)),
    st.dictionaries(
        st.sampled_from(["client", "server"]),
        st.dictionaries(st.text(max_size=9), st.integers(), max_size=4).map(lambda of: Counters(of, host="client")),
    ),
    st.dictionaries(st.text(max_size=9), st.binary(max_size=30), max_size=2),
    st.dictionaries(st.text(max_size=9), ANSWERS, max_size=4),
    st.text(max_size=9),
    st.dictionaries(st.text(max_size=9), st.integers(), max_size=2),
)


@settings(max_examples=40)
@given(EVIDENCE)
def test_there_and_back(evidence: Evidence) -> None:
    """What was kept and found again is equal, kinds included, and is kept alike."""
    again = Evidence.from_json(evidence.to_json())
    assert again == evidence
    assert again.to_json() == evidence.to_json()
    assert [type(again.answers[name]) for name in evidence.answers] == [*map(type, evidence.answers.values())]
    assert {host: counted.host for host, counted in again.counters.items()} == {
        host: counted.host for host, counted in evidence.counters.items()
    }


def test_a_segment_that_was_changed_stays_so() -> None:
    """Fields that differ from what the frame says are kept as well."""
    changed = replace(OPENED[0], source=Endpoint(IPv4Address("192.0.2.9"), 9), payload=b"?", fate=Fate.SWALLOWED)
    assert Evidence.from_json(Evidence(segments=(changed,)).to_json()).segments == (changed,)


def test_what_is_no_value_is_kept_in_words() -> None:
    """A learner's own object cannot travel; its words do, and no check takes them for right."""

    class Own:
        def __repr__(self) -> str:
            return "an own thing"

    itself: list[object] = []
    itself.append(itself)
    again = Evidence.from_json(Evidence(answers={"own": Own(), "itself": itself, "nan": float("inf")}).to_json())
    assert repr(again.answers["own"]) == "an own thing"
    assert repr(again.answers["itself"]) == "[[...]]"
    assert again.answers["nan"] == float("inf")
    assert again.answers["own"] not in (0, "an own thing", None)
    assert Evidence.from_json(again.to_json()) == again


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("answers"),
        lambda said: said.update({"tcplab-evidence": 1}),
        lambda said: said.update(learner=7),
        lambda said: said.update(draws={"forty": "1"}),
        lambda said: said.update({"more": {}}),
        lambda said: said["answers"].update(a={"$": "os.system", "words": "true"}),
        lambda said: said["answers"].update(a={"$": "Connection", "state": 1}),
        lambda said: said["answers"].update(a={"$": "bytes", "base64": "?"}),
        lambda said: said["answers"].update(a={"no": "kind"}),
        lambda said: said["answers"].update(a={"$": "set", "of": [[]]}),
        lambda said: said.update(segments=[1]),
        lambda said: said.update(sockets={"client": [None]}),
        lambda said: said.update(counters={"client": 3}),
        lambda said: said.update(files={"a": "text"}),
        lambda said: said.update(files=[]),
    ],
)
def test_what_was_meddled_with_is_refused(change) -> None:
    """A kind that is none of ours, a part that is missing: BadValue, and nothing is run."""
    said = json.loads(Evidence(segments=tuple(OPENED)).to_json())
    change(said)
    with pytest.raises(BadValue, match=r"Evidence\.to_json\(\)"):
        Evidence.from_json(json.dumps(said))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_what_is_no_evidence_is_refused(text: str) -> None:
    """Neither is any other text."""
    with pytest.raises(BadValue):
        Evidence.from_json(text)
