"""Texts of core in the Chinese window: every one of them has its Chinese, and is recognised with its values in it."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from foodet_core.config import TrainConfig
from foodet_core.errors import InputError
from foodet_core.events import Failed, Progress
from foodet_core.formats import FORMATS
from foodet_core.formats.format import Found, told
from foodet_core.pixels import read_rgb
from foodet_core.project.store import Project
from foodet_core.resources import resource
from foodet_core.worker import failed
from foodet_gui import core_texts, language
from foodet_gui.app import App
from foodet_gui.core_texts import said
from foodet_gui.panels.run_view import RunView
from foodet_gui.session import Session

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CORE = Path(__file__).parents[2] / "foodet_core"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile("[A-Za-z]{2}")
# Not for people: SQL, and whatever has several lines.
CODE = re.compile(r"\n|\b(BEGIN|DELETE|FROM|INSERT|ORDER|PRAGMA|SELECT|UPDATE|VALUES|WHERE)\b|= ['?]")

COMMAND_LINE = (
    "__main__.py",
    "about.py",
    "cli.py",
    "data/drawing/",
    "demo.py",
    "deploy.py",
    "formats/corpus.py",
    "formats/whole.py",
    "predict.py",
    "pretrain/",
    "results.py",
    "terminal.py",
)
"""Modules of which the window shows no text: what it never runs, and names of drawn food."""

NOT_SHOWN = {
    "asked for on the command line alone": {
        "--int8",
        "needs images to calibrate on",
        "Give --calibrate COCO_OR_PROJECT.",
        "--set {}",
        "is ambiguous",
        "Write one of: {}.",
        "is not a setting",
        "Settings are: {}.",
        "runs in ONNX Runtime only",
        "Give the weights that it was made of, or another --engine.",
        "was exported for {} px, not for {}",
        "Leave --imgsz away, or export the weights with --imgsz {}.",
        "AP {}, AP50 {} on {} images.",
        "Stopped. {}",
    },
    "the window has a sentence of its own, or opens what was made": {
        "Exported {} boxes on {} images to {}.",
        "Imported {} boxes on {} images: {}{}.",
        "{} images and {} classes are new",
        "; {} boxes were there already",
        "Added {} to {}.",
        "Nothing to add: no image there is new to {}.",
        " {} went with files that were moved.",
        "No image was added.",
        "Made the project {} of {} images.",
        "Drew {} images with {} boxes of {} classes.",
    },
    "a line of a child process that is no event is kept as it is": {
        "event line",
        "is not an event ({})",
        "Check that both sides are of one version.",
    },
    "in the message of a parser, which is English": {"the key {} stands twice"},
    "a name, or a place in a file by its keys": {
        "COCO JSON",
        "CSV table",
        "Label Studio JSON",
        "labelme JSON",
        "Pascal VOC XML",
        "YOLO (Ultralytics)",
        "ONNX Runtime",
        "Arial Unicode.ttf",
        "Hiragino Sans GB.ttc",
        "STHeiti Light.ttc",
        "{}, result[{}]",
        "{}, shapes[{}]",
    },
    "written into a file of weights": {
        "fine-tuned by GRPO from {}",
        "images: uint8 (B, height, width, 3), RGB, upright, all of one size, any size. boxes: float32 (B, N, 4), x0 y0 x1 y1 "
        "in pixels of these images. scores: float32 (B, N), 0..1, best first. labels: int64 (B, N), positions in `names`.",
    },
}

SINKS: Mapping[str, Mapping[int, str]] = {
    "InputError": {0: "place", 1: "problem", 2: "remedy"},
    "ConflictError": {0: "text"},
    "Notice": {0: "text"},
    "Failed": {0: "text"},
    "Finished": {2: "text"},
    "Progress": {2: "text"},
    "with_progress": {1: "text"},
    "_ticking": {0: "text"},
    "fill": {0: "text"},
    "Edit": {0: "text"},
}
"""What takes a text, by the place of the argument: the context of its Chinese."""
VARIABLES = {"where": "place", "problem": "problem", "remedy": "remedy"}


class Texts(ast.NodeVisitor):
    """The texts of a module, as templates: values of f-strings are `{}`, what is chosen between is each of it.

    `found` has the context that is asked for by each text, None where that cannot be read off; a single word is a text only
    where it is handed to a sink. Left out are docstrings, help of settings, and messages of what would be a bug of ours.
    """

    def __init__(self, source: str) -> None:
        self.every: set[str] = set()
        self.found: defaultdict[str, set[str | None]] = defaultdict(set)
        self._constants: dict[str, list[str]] = {}
        tree = ast.parse(source)
        for node in tree.body:
            if isinstance(node, ast.Assign):
                self._learn(node.targets[0], node.value)
        self.visit(tree)

    def _learn(self, target: ast.expr, value: ast.expr) -> None:
        """A constant of the module that is a text, several at once, or texts by key."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for inner, its in zip(target.elts, value.elts, strict=True):
                self._learn(inner, its)
        elif isinstance(target, ast.Name):
            values = value.values if isinstance(value, ast.Dict) else [value]
            self._constants[target.id] = [text for v in values for text in self._texts(v)]

    def _texts(self, node: ast.expr) -> list[str]:
        match node:
            case ast.Constant(str(text)):
                return [text]
            case ast.JoinedStr(values):
                return ["".join(parts) for parts in product(*map(self._pieces, values))]
            case ast.IfExp(_, one, other) if self._texts(one) and self._texts(other):
                return [*self._texts(one), *self._texts(other)]
            case ast.Name(name) | ast.Subscript(ast.Name(name)):
                return self._constants.get(name, [])
        return []

    def _pieces(self, node: ast.expr) -> list[str]:
        return self._texts(node.value if isinstance(node, ast.FormattedValue) else node) or ["{}"]

    def _take(self, texts: Sequence[str], context: str | None = None) -> None:
        self.every.update(texts)
        for text in texts:
            if WORD.search(text) and not CODE.search(text) and (context or " " in text.strip()):
                self.found[text].add(context)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)

    def visit_Raise(self, node: ast.Raise) -> None:
        match node.exc:
            case ast.Call(ast.Name("ValueError" | "TypeError" | "RuntimeError")):
                return
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        match node.targets:
            case [ast.Name(name)] if name.startswith("_") and self._constants.get(name):
                return  # a text where it is used
            case [ast.Name(name)] if name in VARIABLES:
                self._take(self._texts(node.value), VARIABLES[name])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("option", "choice"):
            return
        for place, context in SINKS.get(name, {}).items():
            for argument in node.args[place : place + 1]:
                self._take(self._texts(argument), context)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.value, ast.Name | ast.Attribute) and ast.unparse(node.value).endswith("found"):
            self._take(self._texts(node.slice), "remark")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._take(self._texts(node))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._take(self._texts(node))
        for value in node.values:
            if isinstance(value, ast.FormattedValue) and not self._texts(value.value):
                self.visit(value.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._take(self._texts(node))


def core() -> list[Texts]:
    """What the modules say that the window may show something of."""
    files = {file.relative_to(CORE).as_posix(): file for file in CORE.rglob("*.py")}
    return [Texts(file.read_text("utf-8")) for name, file in files.items() if not name.startswith(COMMAND_LINE)]


def catalogue() -> list[tuple[str, str, str]]:
    """(context, English, Chinese)"""
    contexts = ElementTree.parse(resource(core_texts.CATALOGUE)).getroot().iter("context")
    return [
        (context.findtext("name", ""), message.findtext("source", ""), message.findtext("translation", ""))
        for context in contexts
        for message in context.iter("message")
    ]


def missed(modules: Sequence[Texts]) -> list[str]:
    """Texts that the catalogue has not, or not in the context that is asked for."""
    there = {(context, english) for context, english, _ in catalogue()}
    anywhere = {english for _, english in there}.union(*NOT_SHOWN.values())
    return [
        text
        for module in modules
        for text, contexts in module.found.items()
        if not re.fullmatch(r"setting \w+", text)  # as "setting {}"
        and (text not in anywhere or (text in {e for _, e in there} and any(c and (c, text) not in there for c in contexts)))
    ]


def filled(template: str) -> tuple[str, list[str]]:
    """A template with values, which are numbers that no text has, and these values."""
    values = [str(7000 + n) for n in range(template.count("{}"))]
    return template.format(*values), values


@pytest.fixture(autouse=True)
def spoken(qapp: object) -> Iterator[Callable[[language.Language], None]]:
    """Whatever a test speaks, the next one finds English."""
    yield language.choose
    language.choose("en")


def test_every_text_of_core_has_its_chinese() -> None:
    assert not missed(core())


@pytest.mark.parametrize(
    "planted",
    [
        'raise InputError(path, "is planted", "Choose another folder.")',
        'raise InputError(path, "is not empty", f"Plant {name}.")',
        'raise InputError("plant", "is not empty", "Choose another folder.")',
        'raise InputError(path, "Choose another folder.", "is not empty")',
        'yield Notice(f"{count} planted" if count else "Nothing is planted.")',
        'yield Progress(0, 1, "planting")',
        'yield Finished("train", "done", f"Planted {count}" " of many.", seconds)',
        '_PLANT = "Plant it."\nraise InputError(path, "is not empty", _PLANT)',
        'def sentence():\n    "A docstring is none."\n    return f"{1} of them is planted."',
        'found[f"Plants of {name}, left out"].append(name)',
        'self._found["is not empty"].append(name)',
        'yield from with_progress(plants, "planting", plant)',
    ],
)
def test_a_planted_text_is_missed(planted: str) -> None:
    assert len(missed([Texts(planted)])) >= 1


def test_what_is_no_text_is_not_missed() -> None:
    sources = '"A docstring."', 'raise ValueError("of a bug")', 'x = option(1, "Title", "What it does.")', 'y = "word"'
    assert not missed([Texts(source) for source in sources])


def test_the_catalogue_and_what_is_not_shown_name_only_what_core_says() -> None:
    modules = core()
    every, found = set().union(*(m.every for m in modules)), set().union(*(m.found for m in modules))
    assert not {english for _, english, _ in catalogue()} - every - {"setting {}"}
    assert not set().union(*NOT_SHOWN.values()) - found


def test_a_translation_is_chinese_and_has_each_value_once() -> None:
    contexts = {context for context, _, _ in catalogue()}
    assert max(Counter((context, english) for context, english, _ in catalogue()).values()) == 1
    for _, english, chinese in catalogue():
        values = filled(english)[1]
        fields = [(name, spec) for _, name, spec, _ in Formatter().parse(chinese) if name is not None]
        numbers = [int(name or n) for n, (name, _) in enumerate(fields)]
        assert sorted(numbers) == list(range(len(values))), english
        assert {spec for _, spec in fields if spec} <= contexts, english
        assert CHINESE.search(chinese) or english == "torch ({})"


@pytest.mark.parametrize(("context", "english", "chinese"), [c for c in catalogue() if c[0] not in ("remark", "part")])
def test_each_text_is_recognised_with_its_values(context: str, english: str, chinese: str) -> None:
    language.choose("zh")
    text, values = filled(english)
    expected = chinese.format(*map(core_texts._Value, values))
    if context == "text":
        assert said(text) == expected
        return
    problem, remedy = "is not a folder", "Choose another folder."
    parts = {"place": "/here", "problem": problem, "remedy": remedy}
    wanted = {"place": "/here", "problem": "不是文件夹", "remedy": "请选择另一个文件夹。"} | {context: expected}
    error = InputError(**{"where" if key == "place" else key: value for key, value in (parts | {context: text}).items()})
    assert said(str(error)) == f"{wanted['place']}：{wanted['problem']}。{wanted['remedy']}"


@pytest.mark.parametrize(("_", "english", "chinese"), [c for c in catalogue() if c[0] == "remark"])
def test_each_remark_is_recognised_with_its_places(_: str, english: str, chinese: str) -> None:
    language.choose("zh")
    text, values = filled(english)
    assert said(f"{text} (3): a.jpg, b.jpg.") == f"{chinese.format(*values)}（3）：a.jpg, b.jpg。"


def broken(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def raised(act: Callable[[], object]) -> InputError:
    with pytest.raises(InputError) as caught:
        act()
    return caught.value


def test_errors_of_core_are_said_in_chinese_with_their_paths(tmp_path: Path) -> None:
    language.choose("zh")
    coco = broken(tmp_path, "a: b. c.json", '{"images": [{"id": 1, "file_name": "x.jpg", "height": 2, "width": 2}]}')
    yolo = broken(tmp_path, "data.yaml", "names: [rice]\nkpt_shape: [1, 2]\ntrain: images\n")
    errors = {
        f"{tmp_path}/a.foodet：不存在。请给出名为 NAME.foodet 的文件夹，或新建项目。": lambda: Project.open(
            tmp_path / "a.foodet"
        ),
        f"{coco}：没有“categories”。请改正该文件，或重新导出。": lambda: FORMATS["coco"].read(coco),
        f"{yolo}：有“kpt_shape”：其标签是关键点。请以检测任务导出该数据集。": lambda: FORMATS["yolo"].read(yolo),
        "设置 imgsz：100 不是 32 的倍数。请改用 96 或 128。": lambda: TrainConfig(imgsz=100),
        "设置 batch：0 超出范围。请给出 1 到 256 之间的值。": lambda: TrainConfig(batch=0),
        f"{tmp_path}/my images to go.jpg：不存在。请检查所给的图片文件夹。": lambda: read_rgb(tmp_path / "my images to go.jpg"),
    }
    assert [said(str(raised(act))) for act in errors.values()] == list(errors)


def test_a_place_in_a_file_is_said_in_chinese(tmp_path: Path) -> None:
    language.choose("zh")
    table = broken(tmp_path, "boxes.csv", "image,width,height,label,x0,y0,x1,y1\na.jpg,1\n")
    assert said(str(raised(lambda: FORMATS["csv"].read(table)))) == f"{table}，第 2 行：有 2 个值，但有 8 列。请改正该行。"


def test_remarks_keep_the_names_of_their_places() -> None:
    language.choose("zh")
    names = ["rice and beans.jpg", "1 image", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg"]
    (remark,) = told(Found(list, {"Points and lines, left out": names}))
    assert said(remark) == "点和线，已略过（7）：rice and beans.jpg, 1 image, c.jpg, d.jpg, e.jpg 等，另有 2 个。"
    assert said(f"train: {remark}") == f"train：{said(remark)}"


def test_parts_of_a_text_are_said_in_chinese_where_the_text_has_them() -> None:
    language.choose("zh")
    assert said("add 1 image") == "添加 1 张图片"
    assert said("add 12 images") == "添加 12 张图片"
    assert said("Started from a: b: backbone, fpn taken over, 3 of 5 classes known.") == (
        "从 a: b 开始：沿用 backbone, fpn，5 个类别中认识 3 个。"
    )


def test_why_torch_computes_is_said_in_chinese() -> None:
    language.choose("zh")
    assert said("torch (a file for ONNX Runtime pays from 7000 images on)") == (
        "torch（从 7000 张图片起才值得为 ONNX Runtime 生成文件）"
    )
    assert said("torch (cannot be written (disk))") == "torch（无法写入（disk））"


def test_what_is_no_text_of_core_stays_as_it_is() -> None:
    language.choose("zh")
    for text in ("", "my images", "draw fried rice and 2 more", "C:\\a: b. c", "导出失败：{}。", "x: is not empty. {}"):
        assert said(text) == text


def test_a_bug_is_told_in_chinese_with_its_error() -> None:
    language.choose("zh")
    assert said(failed(KeyError("a: b")).text) == "foodet 内部出错：KeyError: 'a: b'"


def test_in_english_a_text_is_the_same_object_and_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_texts, "_templates", lambda: pytest.fail("read"))
    text = "validating"
    assert said(text) is text


def test_a_folder_that_is_no_project_is_told_in_chinese(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    language.choose("zh")
    with qtbot.waitSignal(session.notice) as notice:
        assert not session.open_project(tmp_path / "none.foodet")
    assert notice.args == [f"{tmp_path}/none.foodet：不存在。请给出名为 NAME.foodet 的文件夹，或新建项目。", "warning"]


def test_undoing_what_core_did_names_it_in_chinese(session: Session, qtbot: QtBot) -> None:
    from foodet_core.project.edits import Change, Edit
    from foodet_core.types import FoodClass

    assert session.project is not None
    session.project.apply(Edit("import labels.json", (Change(("class", 3), None, FoodClass("soup")),)))
    session.refresh()
    language.choose("zh")
    with qtbot.waitSignal(session.notice) as notice:
        session.undo()
    assert notice.args == ["已撤销：导入 labels.json", "info"]


def test_an_import_that_fails_is_told_in_chinese(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    from foodet_core.config import ImportJob

    language.choose("zh")
    assert app.session.project is not None
    job = ImportJob(str(app.session.project.folder), str(tmp_path / "none.json"), "coco")
    with qtbot.waitSignal(app.transfers.ended, timeout=30_000) as ended:
        app.transfers.start(job)
    assert ended.args[0].text == f"{tmp_path}/none.json：无法读取（No such file or directory）。请检查标注文件的路径。"


def test_what_is_being_drawn_is_told_in_chinese(empty: App, monkeypatch: pytest.MonkeyPatch) -> None:
    language.choose("zh")
    monkeypatch.setattr(empty.jobs, "start", lambda job: None)
    empty.opening.open_sample()
    empty.jobs.events.emit([Progress(12, 240, "Drawing images")])
    assert "绘制图片  12 / 240" in [label.text() for label in empty.window.start_page.findChildren(QLabel)]
    empty.jobs.finished.emit(Failed("/x: cannot be written (full). Choose a folder with room to write to.", input_error=True))
    assert empty.window.start_page.notice.text() == "/x：无法写入（full）。请选择可写入且空间足够的文件夹。"


def test_how_a_run_ended_changes_with_the_language(qtbot: QtBot) -> None:
    view = RunView()
    qtbot.addWidget(view)
    view.end("Best AP 0.470 on 12 validation images after 1500 steps.", failed=False, resumable=False)
    english = view.sentence.text()
    language.choose("zh")
    assert view.sentence.text() == "1500 步后，12 张验证图片上的最佳 AP 为 0.470。"
    view.end(Failed("labels: is not a run (x). Choose another folder.", input_error=True).text, failed=True, resumable=False)
    assert view.sentence.text() == "labels：不是一次运行（x）。请选择另一个文件夹。"
    view.end(english, failed=False, resumable=False)
    language.choose("en")
    assert view.sentence.text() == english
