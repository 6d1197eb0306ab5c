from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foodet_core.project.edits import Change, Edit
from foodet_core.project.store import Project
from foodet_core.types import Annotation, ClassList, ImageRecord

actions = st.lists(
    st.tuples(st.just("draw"), st.just(0), st.just(""))
    | st.tuples(st.sampled_from(["move", "delete"]), st.integers(0, 5), st.sampled_from(["", "", "drag"]))
    | st.tuples(st.sampled_from(["undo", "redo", "reopen"]), st.just(0), st.just("")),
    max_size=40,
)


def edit_for(project, action, which, merge):
    """The edit an action stands for, None where there is no box to do it to."""
    boxes = project.annotations(1)
    if action == "draw":
        new = Annotation(project.new_id(), 1, 0, (0.0, 0.0, 5.0, 5.0))
        return Edit(action, (Change(("annotation", new.id), None, new),))
    if not boxes:
        return None
    old = boxes[which % len(boxes)]
    new = replace(old, box_xyxy=(old.box_xyxy[0] + 1, 0.0, 90.0, 5.0)) if action == "move" else None
    return Edit(action, (Change(("annotation", old.id), old, new),), merge)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(actions)
def test_undo_and_redo_always_return_to_what_was(tmp_path_factory, steps):
    """The store against a plain list of all states with a position in it."""
    folder = tmp_path_factory.mktemp("history") / "x.foodet"
    project = Project.create(folder, folder.parent, ClassList.of(["egg"]), [ImageRecord(1, "a.jpg", (10, 100))])
    states, at, merges = [()], 0, [""]
    for action, which, merge in steps:
        if action == "reopen":
            project.close()
            project = Project.open(folder)
        elif action in ("undo", "redo"):
            target = at + (1 if action == "redo" else -1)
            exists = 0 <= target < len(states)
            assert (getattr(project, action)() is not None) == exists
            at = target if exists else at
        elif (edit := edit_for(project, action, which, merge)) is not None:
            project.apply(edit)
            joins = merge != "" and merges[at] == merge
            del states[at + (0 if joins else 1) :], merges[at + (0 if joins else 1) :]
            states.append(project.annotations(1))
            merges.append(merge)
            at = len(states) - 1
        assert project.annotations(1) == states[at]
    project.close()
