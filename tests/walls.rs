//! The walls between the library's folders: which may use which. The list stands in `docs/architecture.md`, and is true.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// How the mark of what only tests have begins.
const TEST_MARKS: [&str; 2] = ["#[cfg(test)]", "#[cfg(all(test,"];

/// A file of the library, without what only its tests have.
struct Source {
    /// Its path below `src`.
    file: String,
    /// The names of its module below the crate; none for `lib.rs`.
    module: Vec<String>,
    code: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn src() -> PathBuf {
    root().join("src")
}

/// Every file of the library: what `lib.rs` declares, what that declares, and so on. Files that are declared for tests alone
/// are none of it.
fn sources() -> Vec<Source> {
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut found = Vec::new();
    while let Some(module) = open.pop() {
        let file = file_of(&module);
        let code = code_of(&src().join(&file));
        for child in declared(&code) {
            let mut below = module.clone();
            below.push(child);
            open.push(below);
        }
        found.push(Source { file, module, code });
    }
    found
}

/// Where a module lies below `src`.
fn file_of(module: &[String]) -> String {
    let path = if module.is_empty() { "lib".to_owned() } else { module.join("/") };
    let names = [format!("{path}.rs"), format!("{path}/mod.rs")];
    let found = names.into_iter().find(|name| src().join(name).is_file());
    found.unwrap_or_else(|| panic!("src/{path}.rs is declared and not there"))
}

fn code_of(file: &Path) -> String {
    code(&fs::read_to_string(file).unwrap())
}

/// What is compiled into the plugin: without comments, texts, and what only tests have.
fn code(text: &str) -> String {
    without_tests(&bare(text))
}

/// Without comments, and with nothing in texts and characters, so that no brace and no path in them counts.
fn bare(text: &str) -> String {
    let (mut bare, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let len = if let Some(len) = comment_len(rest) {
            len
        } else if let Some(len) = literal_len(rest) {
            bare.push_str("\"\"");
            len
        } else {
            bare.push(c);
            c.len_utf8()
        };
        rest = &rest[len..];
    }
    bare
}

/// How long the comment is that `code` begins with.
fn comment_len(code: &str) -> Option<usize> {
    if code.starts_with("//") {
        return Some(code.find('\n').unwrap_or(code.len()));
    }
    let mut rest = code.strip_prefix("/*")?;
    let mut depth = 1;
    while depth > 0 {
        if let Some(below) = rest.strip_prefix("/*") {
            (depth, rest) = (depth + 1, below);
        } else if let Some(behind) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, behind);
        } else {
            rest = &rest[rest.chars().next()?.len_utf8()..];
        }
    }
    Some(code.len() - rest.len())
}

/// How long the text or the character is that `code` begins with; a lifetime is none.
fn literal_len(code: &str) -> Option<usize> {
    if let Some(raw) = code.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", &raw[..hashes]);
        let inside = raw[hashes..].strip_prefix('"')?;
        return Some(code.len() - inside.len() + inside.find(&end)? + end.len());
    }
    let quote = code.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut inside = code[1..].chars();
    if quote == '\'' && inside.next() != Some('\\') && inside.next() != Some('\'') {
        return None;
    }
    let mut is_escaped = false;
    for (at, c) in code.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Without the items that are marked as tests. What comes behind such an item stays.
fn without_tests(code: &str) -> String {
    let (mut kept, mut rest) = (String::new(), code);
    while let Some(at) = TEST_MARKS.iter().filter_map(|mark| rest.find(*mark)).min() {
        kept += &rest[..at];
        rest = &rest[at + item_len(&rest[at..])..];
    }
    kept + rest
}

/// How long the item is that `code` begins with, with its attributes: up to its semicolon, to the end of its braces, or to a
/// field's comma. A comma between generics of the field's type is taken for it: the rest of the type stays.
fn item_len(code: &str) -> usize {
    let item = behind_attributes(code);
    let is_field = is_field(item);
    let mut at = code.len() - item.len();
    while let Some(c) = code[at..].chars().next() {
        match c {
            ';' => return at + 1,
            '{' => return at + group_len(&code[at..]),
            '(' | '[' => at += group_len(&code[at..]),
            ')' | ']' | '}' => return at,
            ',' if is_field => return at,
            _ => at += c.len_utf8(),
        }
    }
    at
}

/// Whether `item` is a name and a colon, as a field of a type or of a value.
fn is_field(item: &str) -> bool {
    let item = item.strip_prefix("pub").unwrap_or(item);
    let item = if item.starts_with('(') { &item[group_len(item)..] } else { item };
    let (_, rest) = split_name(item.trim_start());
    rest.starts_with(':') && !rest.starts_with("::")
}

fn behind_attributes(code: &str) -> &str {
    let code = code.trim_start();
    match code.strip_prefix('#') {
        Some(attribute) => behind_attributes(&attribute[group_len(attribute)..]),
        None => code,
    }
}

/// How long the brackets are that `code` begins with, with all that is in them.
fn group_len(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    code.len()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that `code` begins with, and what is behind it.
fn split_name(code: &str) -> (&str, &str) {
    code.split_at(code.find(|c: char| !is_name(c)).unwrap_or(code.len()))
}

/// Every module in `code`: its name, and the code from its braces or its semicolon on.
fn modules(code: &str) -> Vec<(&str, &str)> {
    let words = code.match_indices("mod ").filter(|(at, _)| !code[..*at].ends_with(is_name));
    words
        .map(|(at, word)| {
            let (name, rest) = split_name(&code[at + word.len()..]);
            (name, rest.trim_start())
        })
        .collect()
}

/// The modules in `code` that have files of their own.
fn declared(code: &str) -> Vec<String> {
    let files = modules(code).into_iter().filter(|(_, rest)| rest.starts_with(';'));
    files.map(|(name, _)| name.to_owned()).collect()
}

/// Where the modules lie that are written out in `code`.
fn inline(code: &str) -> Vec<Range<usize>> {
    let inline = modules(code).into_iter().filter(|(_, rest)| rest.starts_with('{'));
    inline
        .map(|(_, rest)| {
            let from = code.len() - rest.len();
            from..from + group_len(rest)
        })
        .collect()
}

/// What the code of a module so many names below the crate uses of the crate's root: the first names of all paths that begin at
/// the crate or at a parent. `*` stands for all.
fn used(code: &str, depth: usize) -> BTreeSet<String> {
    let inline = inline(code);
    let mut names = BTreeSet::new();
    for start in ["crate", "super", "self"] {
        for (at, _) in code.match_indices(start) {
            let before = &code[..at];
            if before.ends_with(is_name) || before.ends_with("::") {
                continue;
            }
            let depth = depth + inline.iter().filter(|module| module.contains(&at)).count();
            names.extend(paths(&code[at..]).iter().filter_map(|path| first_name(path, depth)));
        }
    }
    names
}

/// The paths that `tree` begins with, as `a::{b, c::d as e}`, name by name. What they are called afterwards is no part of them.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim_start();
    if tree.starts_with('{') {
        return branches(&tree[1..group_len(tree) - 1]).into_iter().flat_map(paths).collect();
    }
    if tree.starts_with('*') {
        return vec![vec!["*".to_owned()]];
    }
    let (name, rest) = split_name(tree);
    if name.is_empty() {
        return vec![Vec::new()];
    }
    let below = rest.trim_start().strip_prefix("::").map_or_else(|| vec![Vec::new()], paths);
    below.into_iter().map(|path| [vec![name.to_owned()], path].concat()).collect()
}

/// What is between the commas of a group, but for those of groups within it.
fn branches(group: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&group[from..]);
    found
}

/// The first name below the crate of a path in a module so many names deep; `None` when it stays below the module's first name.
fn first_name(path: &[String], mut depth: usize) -> Option<String> {
    for name in path {
        match name.as_str() {
            "crate" => depth = 0,
            "super" => depth = depth.saturating_sub(1),
            "self" => {}
            name => return (depth == 0).then(|| name.to_owned()),
        }
    }
    None
}

/// Which folder, or file beside the folders, uses which.
fn found() -> Arrows {
    let sources = sources();
    let houses: BTreeSet<String> = sources.iter().filter_map(|source| source.module.first().cloned()).collect();
    let mut arrows = Arrows::new();
    for source in &sources {
        let Some(own) = source.module.first() else { continue };
        let mut uses = used(&source.code, source.module.len());
        for name in &uses {
            // What `lib.rs` would hand on by another name would be an arrow that nobody sees.
            assert!(houses.contains(name), "src/{} uses crate::{name}, which is no folder or file", source.file);
        }
        uses.remove(own);
        arrows.entry(own.clone()).or_default().extend(uses);
    }
    arrows
}

/// The lines `folder -> folder, folder` of the document.
fn documented() -> Arrows {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(" -> "));
    // The drawing of the signal has arrows too, to what is no list of names.
    let is_list = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || matches!(c, ' ' | ','));
    let lines = lines.filter(|(from, to)| is_list(from) && is_list(to));
    lines
        .map(|(from, to)| {
            let to = to.split(", ").map(|name| name.trim().to_owned());
            (from.trim().to_owned(), to.filter(|name| name != "nothing").collect())
        })
        .collect()
}

/// Folders in an order in which each uses only earlier ones; what is left when there is a circle.
fn circle(arrows: &Arrows) -> BTreeSet<String> {
    let mut left: BTreeSet<String> = arrows.keys().cloned().collect();
    loop {
        let free: Vec<String> = left.iter().filter(|name| arrows[*name].is_disjoint(&left)).cloned().collect();
        if free.is_empty() {
            return left;
        }
        left.retain(|name| !free.contains(name));
    }
}

#[test]
fn the_arrows_between_folders_are_those_of_the_document() {
    let (found, documented) = (found(), documented());
    for (from, to) in &found {
        assert_eq!(
            documented.get(from),
            Some(to),
            "{from} uses, on the right, what docs/architecture.md says on the left"
        );
    }
    assert_eq!(documented.len(), found.len(), "{:?}", documented.keys());
}

#[test]
fn no_folders_use_each_other_in_a_circle() {
    assert_eq!(circle(&found()), BTreeSet::new());
    let two = Arrows::from([
        ("a".into(), ["b".into()].into()),
        ("b".into(), ["a".into()].into()),
        ("c".into(), BTreeSet::new()),
    ]);
    assert_eq!(circle(&two), ["a".to_owned(), "b".to_owned()].into(), "and one would be found");
}

fn names(code: &str, depth: usize) -> Vec<String> {
    used(code, depth).into_iter().collect()
}

#[test]
fn names_behind_a_path_in_a_group_and_by_another_name_are_read() {
    let code = "use crate::a::B; use crate::{c, d::{E, F}, g::h}; fn i() { crate::j::k::<crate::l::M>() }";
    assert_eq!(names(code, 1), ["a", "c", "d", "g", "j", "l"]);
    let renamed = "use crate::a as b; use crate::{\n    c as d,\n    e::{F as G},\n}; use super::h as i;";
    assert_eq!(names(renamed, 1), ["a", "c", "e", "h"]);
    assert_eq!(names("pub(crate) use super::*; pub(super) fn myself() {}", 1), ["*"]);
}

#[test]
fn a_parent_is_counted_from_where_its_module_lies() {
    let code = "use super::a; use super::super::{b::C, d}; use self::super::super::e; use self::f;";
    assert_eq!(names(code, 1), ["a", "b", "d", "e"]);
    assert_eq!(names(code, 2), ["b", "d", "e"]);
    assert!(names(code, 3).is_empty());
    let written_out = "mod deep { use super::super::a; use super::b; } use super::c;";
    assert_eq!(names(written_out, 1), ["a", "c"]);
}

const MARKED: &str = r#"
#[cfg(test)]
mod a;
mod b;
use crate::c;
#[cfg(all(test, unix))]
#[allow(dead_code, reason = "]")]
pub(super) mod d {
    use crate::e;
    fn f() {
        crate::g::h("}");
    }
}
use crate::i;
struct J {
    #[cfg(test)]
    pub(super) is_done: crate::j::K,
    next: crate::k::L,
}
impl J {
    #[cfg(test)]
    fn k<L, M>(names: [crate::n::O; 2]) -> crate::p::Q {
        crate::r::s(names)
    }

    fn t() {
        crate::u::v()
    }
}
#[cfg(test)]
#[path = "w_tests.rs"]
mod w;
#[cfg(test)]
use crate::{x, y};
mod z;
"#;

#[test]
fn of_what_is_marked_as_a_test_the_item_is_cut_and_nothing_behind_it() {
    assert_eq!(names(&code(MARKED), 1), ["c", "i", "k", "u"]);
}

#[test]
fn files_that_are_declared_for_tests_are_left_out() {
    assert_eq!(declared(&code(MARKED)), ["b", "z"]);
    let files: BTreeSet<String> = sources().into_iter().map(|source| source.file).collect();
    // All three are declared in one file, around a mark of a test.
    assert!(files.contains("editor/cards.rs") && files.contains("editor/shell.rs"));
    assert!(!files.contains("editor/requests_tests.rs"));
    assert!(!files.iter().any(|file| file.ends_with("/tests.rs")), "{files:?}");
}

#[test]
fn comments_texts_and_characters_count_for_nothing() {
    let text = r##"
        // use crate::a; {
        /* { /* crate::b */ crate::c } } */
        fn d<'e>(f: &'e str) -> [char; 4] {
            crate::g::h("crate::i \" {", r#"crate::j" }"#, b'{');
            ['}', '\'', '"', '\u{7b}']
        }
    "##;
    let code = code(text);
    assert_eq!(names(&code, 1), ["g"]);
    assert!(code.trim().starts_with("fn d"), "{code}");
    assert_eq!(code.matches('{').count(), code.matches('}').count(), "{code}");
}

#[test]
fn the_framework_is_known_to_the_plugins_the_window_and_nobody_else() {
    let mut files: Vec<(String, String)> = sources().into_iter().map(|source| (source.file, source.code)).collect();
    for entry in fs::read_dir(src().join("bin")).unwrap() {
        let entry = entry.unwrap();
        files.push((format!("bin/{}", entry.file_name().to_string_lossy()), code_of(&entry.path())));
    }
    for (file, code) in files {
        let house = file.split(['/', '.']).next().unwrap();
        let knows = ["plugin", "instance", "editor", "standalone", "lib"].contains(&house);
        assert!(knows || !(code.contains("nih_plug") || code.contains("nice_plug")), "src/{file} names the framework");
    }
}
