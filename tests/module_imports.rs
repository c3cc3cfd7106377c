//! The walls between the library's folders: which may use which. The list stands in `docs/architecture.md`, and is true.

#![allow(clippy::unwrap_used, reason = "helpers fail as the tests they serve")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem::{replace, take};
use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Meta, Token, UseName, UseRename, UseTree};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Folders whose files use each other in no circle.
const WITHOUT_CIRCLES: [&str; 15] = [
    "bounce", "codes", "dsp", "editor", "engine", "grains", "instance", "latent", "listen", "model", "offline", "osc",
    "preset", "rt", "synth",
];

/// What a file of the library says of others, without what only its tests say.
struct Source {
    /// The names of its module below the crate; none for `lib.rs`. While it is read: of the module that is read.
    module: Vec<String>,
    /// The modules in it that have files of their own, from the crate's root on.
    declared: Vec<Vec<String>>,
    /// Where its paths lead, from the crate's root on, and whether one begins with neither `crate` nor its like: those
    /// lead to types, to other crates, or to a module below.
    paths: Vec<(bool, Vec<String>)>,
}

impl Source {
    /// A lone name leads to no other file: `self`, a variable.
    fn note(&mut self, path: &[String]) {
        let [first, _, ..] = path else { return };
        let is_local = !["crate", "super", "self"].contains(&first.as_str());
        let mut target = self.module.clone();
        for name in path {
            match name.as_str() {
                "crate" => target.clear(),
                "super" => drop(target.pop()),
                "self" => {}
                _ => target.push(name.clone()),
            }
        }
        self.paths.push((is_local, target));
    }

    /// The name that something is imported by is no part of its path; `*` stands for all.
    fn note_use(&mut self, tree: &UseTree, path: &[String]) {
        let step = |name: String| -> Vec<String> { [path, &[name][..]].concat() };
        match tree {
            UseTree::Path(node) => self.note_use(&node.tree, &step(node.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_use(tree, path)),
            UseTree::Name(UseName { ident }) | UseTree::Rename(UseRename { ident, .. }) => {
                self.note(&step(ident.to_string()));
            }
            UseTree::Glob(_) => self.note(&step("*".to_owned())),
        }
    }

    /// Of a macro's tokens no more is known than how a path looks: names with `::` between, and groups as in a `use`,
    /// in which each path goes on from `start`.
    fn note_tokens(&mut self, tokens: &TokenStream, start: &[String]) {
        let (mut path, mut colons) = (start.to_vec(), 2);
        for token in tokens.clone() {
            let goes_on = colons == 2;
            let is_colon = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ':');
            colons = if is_colon { colons + 1 } else { 0 };
            match token {
                _ if is_colon => {}
                TokenTree::Ident(name) if goes_on => path.push(name.to_string()),
                TokenTree::Ident(name) => self.note(&replace(&mut path, vec![name.to_string()])),
                TokenTree::Group(group) if goes_on => self.note_tokens(&group.stream(), &take(&mut path)),
                TokenTree::Group(group) => self.note_tokens(&group.stream(), &[]),
                TokenTree::Punct(mark) if mark.as_char() == '*' && goes_on => path.push("*".to_owned()),
                TokenTree::Punct(mark) if mark.as_char() == ',' => {
                    self.note(&replace(&mut path, start.to_vec()));
                    colons = 2;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.note(&take(&mut path)),
            }
        }
        // A group may end with a comma.
        if path != start {
            self.note(&path);
        }
    }

    /// The names right below `folder` that the paths lead to; `*` for all.
    fn uses(&self, folder: &[String]) -> BTreeSet<String> {
        let is_declared = |path: &[String]| self.declared.iter().any(|module| path.starts_with(module));
        let paths = self.paths.iter().filter(|(is_local, path)| !is_local || is_declared(path));
        let inside = paths.filter(|(_, path)| path.starts_with(folder));
        inside.map(|(_, path)| path.get(folder.len()).map_or("*", String::as_str).to_owned()).collect()
    }
}

/// Reads these where they are not for tests alone. What else is marked so is read: that finds too much, not too little.
macro_rules! unless_for_tests {
    ($($visit:ident($node:ident)),*) => {
        $(fn $visit(&mut self, node: &'ast syn::$node) {
            if !node.attrs.iter().any(|mark| is_for_tests(&mark.meta)) {
                visit::$visit(self, node);
            }
        })*
    };
}

impl<'ast> Visit<'ast> for Source {
    unless_for_tests! {
        visit_field(Field), visit_field_value(FieldValue), visit_impl_item_const(ImplItemConst),
        visit_impl_item_fn(ImplItemFn), visit_item_const(ItemConst), visit_item_enum(ItemEnum), visit_item_fn(ItemFn),
        visit_item_impl(ItemImpl), visit_item_macro(ItemMacro), visit_item_static(ItemStatic),
        visit_item_struct(ItemStruct), visit_item_trait(ItemTrait), visit_item_type(ItemType), visit_item_use(ItemUse),
        visit_local(Local), visit_stmt_macro(StmtMacro), visit_variant(Variant)
    }

    fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
        if node.attrs.iter().any(|mark| is_for_tests(&mark.meta)) {
            return;
        }
        self.module.push(node.ident.to_string());
        if node.content.is_none() {
            self.declared.push(self.module.clone());
        }
        visit::visit_item_mod(self, node);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&names);
        visit::visit_path(self, path);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        self.note_tokens(tokens, &[]);
    }

    fn visit_use_tree(&mut self, tree: &'ast UseTree) {
        self.note_use(tree, &[]);
    }

    /// Whom a thing is shown to is not whom it uses.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}

/// Whether a mark is `cfg(test)`, `cfg(all(test, unix))` or their like.
fn is_for_tests(mark: &Meta) -> bool {
    match mark {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") || list.path.is_ident("all") => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            inner.is_ok_and(|inner| inner.iter().any(is_for_tests))
        }
        _ => false,
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names of a path.
fn names(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

fn read(code: &str, module: Vec<String>) -> Source {
    let code = syn::parse_file(code).unwrap_or_else(|error| panic!("{}: {error}", module.join("::")));
    let mut source = Source { module, declared: Vec::new(), paths: Vec::new() };
    source.visit_file(&code);
    source
}

/// Every file of the library: what `lib.rs` declares, what that declares, and so on. Files that are declared for tests
/// alone are none of it.
fn sources() -> Vec<Source> {
    let (mut open, mut found) = (vec![Vec::new()], Vec::new());
    while let Some(module) = open.pop() {
        let file = file_of(&module);
        let code = fs::read_to_string(root().join(&file));
        let source = read(&code.unwrap_or_else(|error| panic!("{file} is declared: {error}")), module);
        open.extend(source.declared.iter().cloned());
        found.push(source);
    }
    found
}

/// Where a module lies.
fn file_of(module: &[String]) -> String {
    format!("src/{}.rs", if module.is_empty() { "lib".to_owned() } else { module.join("/") })
}

/// Which file or folder right below `folder` uses which. The folder's own file goes by the folder's name, and so does
/// what is declared there or handed on. Who imports the folder itself, or all that is in it, may use all.
fn arrows(sources: &[Source], folder: &[String]) -> Arrows {
    let own_file = folder.last().map_or("lib", String::as_str);
    let room = |source: &Source| source.module.get(folder.len()).map_or(own_file, String::as_str).to_owned();
    let inside: Vec<&Source> = sources.iter().filter(|source| source.module.starts_with(folder)).collect();
    let rooms: BTreeSet<String> = inside.iter().map(|source| room(source)).collect();
    let mut arrows = Arrows::new();
    for source in inside {
        let from = room(source);
        let to = arrows.entry(from.clone()).or_default();
        for name in source.uses(folder) {
            if name == "*" {
                to.extend(rooms.iter().cloned());
            } else {
                to.insert(if rooms.contains(&name) { name } else { own_file.to_owned() });
            }
        }
        to.remove(&from);
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

/// Where the arrows lead that begin at `from`, one behind the other.
fn reached(arrows: &Arrows, from: &str) -> BTreeSet<String> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(name) = open.pop() {
        for to in &arrows[name] {
            if reached.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    reached
}

/// The circles in words, each with the arrows that make it; empty when there is none.
fn circles(arrows: &Arrows) -> String {
    let mut circles: BTreeMap<BTreeSet<String>, String> = BTreeMap::new();
    for (from, to) in arrows {
        let mut circle = reached(arrows, from);
        circle.retain(|name| reached(arrows, name).contains(from));
        let to: Vec<String> = to.intersection(&circle).cloned().collect();
        if !to.is_empty() {
            *circles.entry(circle).or_default() += &format!("    {from} -> {}\n", to.join(", "));
        }
    }
    circles.iter().map(|(circle, lines)| format!("a circle of {}:\n{lines}", circle.len())).collect()
}

#[test]
fn the_arrows_between_folders_are_those_of_the_document() {
    let (mut found, documented) = (arrows(&sources(), &[]), documented());
    // It joins all. Who used what it declares or hands on would have an arrow to it, which nobody has in the document.
    found.remove("lib");
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
    let found = circles(&arrows(&sources(), &[]));
    assert!(found.is_empty(), "src has {found}");
}

#[test]
fn no_circle_among_the_files_of_a_folder() {
    let sources = sources();
    for folder in WITHOUT_CIRCLES {
        let found = circles(&arrows(&sources, &names(folder)));
        assert!(found.is_empty(), "src/{folder} has {found}");
    }
}

#[test]
fn a_circle_would_be_found_among_the_files_of_a_folder_and_its_own_file() {
    let sources = [
        read("mod a; mod b; mod c; use a::D; pub struct E; fn f(b: u8) { b }", names("m")),
        read("mod deep; use super::b;", names("m::a")),
        read("use super::super::E;", names("m::a::deep")),
        read("use crate::n::a;", names("m::b")),
        read("use super::*;", names("m::c")),
        read("use crate::m::a::G;", names("n")),
    ];
    let found = arrows(&sources, &names("m"));
    let to = |from: &str| found[from].iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(["a", "b", "c", "m"].map(to), ["b m", "", "a b m", "a"]);
    assert_eq!(circles(&found), "a circle of 2:\n    a -> m\n    m -> a\n");
}

/// What a module so many names below the crate uses of the crate's root, but for the house that it lies in.
fn used(code: &str, depth: usize) -> Vec<String> {
    let mut used = read(code, vec!["own".to_owned(); depth]).uses(&[]);
    used.remove("own");
    used.into_iter().collect()
}

#[test]
fn names_behind_a_path_in_a_group_and_by_another_name_are_read() {
    let code = "use crate::a::B; use crate::{c, d::{E, F}, g::h}; fn i() { crate::j::k::<crate::l::M>() }";
    assert_eq!(used(code, 1), ["a", "c", "d", "g", "j", "l"]);
    let renamed = "use crate::a as b; use crate::{\n    c as d,\n    e::{F as G},\n}; use super::h as i;";
    assert_eq!(used(renamed, 1), ["a", "c", "e", "h"]);
    assert_eq!(used("pub(crate) use super::*; pub(super) fn myself() {}", 1), ["*"]);
}

#[test]
fn a_parent_is_counted_from_where_its_module_lies() {
    let code = "use super::a; use super::super::{b::C, d}; use self::super::super::e; use self::f;";
    assert_eq!(used(code, 1), ["a", "b", "d", "e"]);
    assert_eq!(used(code, 2), ["b", "d", "e"]);
    assert!(used(code, 3).is_empty());
    let written_out = "mod deep { use super::super::a; use super::b; } use super::c;";
    assert_eq!(used(written_out, 1), ["a", "c"]);
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
        #[cfg(test)]
        assert!(crate::ready::is_ready());
        crate::u::v(Self {
            #[cfg(test)]
            is_done: crate::done::DONE,
            next: 0,
        })
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
fn of_what_is_marked_as_a_test_the_item_is_left_out_and_nothing_behind_it() {
    assert_eq!(used(MARKED, 1), ["c", "i", "k", "u"]);
}

#[test]
fn files_that_are_declared_for_tests_are_left_out() {
    assert_eq!(read(MARKED, names("m")).declared, [names("m::b"), names("m::z")]);
    let files: BTreeSet<String> = sources().iter().map(|source| source.module.join("/")).collect();
    // All three are declared in one file, around a mark of a test.
    assert!(files.contains("editor/browser_lists") && files.contains("editor/shell"));
    assert!(!files.contains("editor/requests_tests"));
    assert!(!files.iter().any(|file| file.ends_with("/tests")), "{files:?}");
}

#[test]
fn what_a_macro_is_given_is_read() {
    let code = "
        macro_rules! a {
            ($b:ty) => {{ pub(super) use $crate::{c as d, e::*, }; crate::f::$g::<$b>(crate::h::i) }};
        }
        #[j(k = crate::l::m)]
        fn n() -> u8 { vec![(o * super::p::Q, *crate::r::s!(&crate::t::U))] }";
    assert_eq!(used(code, 1), ["c", "e", "f", "h", "l", "p", "r", "t"]);
}

#[test]
fn comments_texts_and_characters_count_for_nothing() {
    let text = r##"
        // use crate::a; {
        /* { /* crate::b */ crate::c } } */
        fn d<'e>(f: &'e str) -> [char; 4] {
            crate::g::h("crate::i \" {", r#"crate::j" }"#, b'{');
            println!("crate::k {}", "crate::l::m");
            ['}', '\'', '"', '\u{7b}']
        }
    "##;
    assert_eq!(used(text, 1), ["g"]);
}

/// Comments and tests count too: the others do without its name.
#[test]
fn the_framework_is_known_to_the_plugins_the_window_and_nobody_else() {
    let mut files: Vec<String> = sources().iter().map(|source| file_of(&source.module)).collect();
    for entry in fs::read_dir(root().join("src/bin")).unwrap() {
        files.push(format!("src/bin/{}", entry.unwrap().file_name().to_string_lossy()));
    }
    for file in files {
        let house = file.split(['/', '.']).nth(1).unwrap();
        let knows = ["plugin", "instance", "editor", "standalone", "lib"].contains(&house);
        let text = fs::read_to_string(root().join(&file)).unwrap();
        assert!(knows || !(text.contains("nih_plug") || text.contains("nice_plug")), "{file} names the framework");
    }
}
