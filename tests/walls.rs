//! The walls between the library's folders: which may use which. The list stands in `docs/architecture.md`, and is true.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file below `folder`, but those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("_tests.rs") {
            found.push(path);
        }
    }
}

/// What is compiled into the plugin: without comments, and without what follows the mark of a test.
fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod ").or_else(|| text.find("#[cfg(test)]\npub"));
    let text = &text[..tests.unwrap_or(text.len())];
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

/// The first names behind each `crate::`, also of a group in braces.
fn used(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, prefix) in code.match_indices("crate::") {
        let rest = &code[at + prefix.len()..];
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let Some(group) = rest.strip_prefix('{') else {
            names.extend(rest.split(|c| !is_name(c)).next().map(str::to_owned));
            continue;
        };
        let (mut depth, mut is_first, mut name) = (0, true, String::new());
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => (is_first, name) = (true, String::new()),
                c if is_name(c) && is_first && depth == 0 => name.push(c),
                ':' => is_first = false,
                _ => {}
            }
            if !is_first && !name.is_empty() {
                names.insert(std::mem::take(&mut name));
            }
        }
        names.extend(Some(name).filter(|name| !name.is_empty()));
    }
    names
}

/// Which folder, or file beside the folders, uses which.
fn found() -> Arrows {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let house = |path: &Path| {
        let first =
            path.strip_prefix(&src).unwrap().components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        first.trim_end_matches(".rs").to_owned()
    };
    let houses: BTreeSet<String> = files.iter().map(|path| house(path)).collect();
    let mut arrows = Arrows::new();
    for path in &files {
        let own = house(path);
        if ["lib", "bin"].contains(&own.as_str()) {
            continue;
        }
        let uses = used(&code(&fs::read_to_string(path).unwrap()));
        let others = uses.into_iter().filter(|name| *name != own && houses.contains(name));
        arrows.entry(own.clone()).or_default().extend(others);
    }
    arrows
}

/// The lines `folder -> folder, folder` of the document.
fn documented() -> Arrows {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(" -> "));
    let lines = lines.filter(|(from, _)| from.chars().all(|c| c.is_ascii_lowercase() || c == ' '));
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

#[test]
fn names_behind_a_path_and_in_a_group_are_read() {
    let code = "use crate::a::B; use crate::{c, d::{E, F}, g::h}; fn i() { crate::j::k() }";
    assert_eq!(used(code).into_iter().collect::<Vec<_>>(), ["a", "c", "d", "g", "j"]);
}

#[test]
fn the_framework_is_known_to_the_plugins_the_window_and_nobody_else() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for path in files {
        let name = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        let knows =
            ["plugin", "instance", "editor", "standalone", "lib.rs"].iter().any(|known| name.starts_with(known));
        let code = code(&fs::read_to_string(&path).unwrap());
        assert!(knows || !(code.contains("nih_plug") || code.contains("nice_plug")), "{name} names the framework");
    }
}
