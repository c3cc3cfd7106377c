//! Words on their way to a terminal. Some are others': a manifest's name, a file's, a library's. What a terminal would obey in
//! them, and what turns their order round, is shown as a mark and not done.

use std::borrow::Cow;

/// Words for people, in which nothing but new lines and tabs is obeyed.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return text.into();
    }
    text.chars().map(|c| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// JSON for machines, which people look at too: the same text, with such characters by their numbers.
pub(super) fn json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        // Outside of a string there are none.
        if is_obeyed(c) { text.push_str(&format!("\\u{:04x}", u32::from(c))) } else { text.push(c) }
    }
    text
}

fn is_obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "a\u{1b}[31mb\u{9b}2Jc\rd\u{7}e\u{7f}f\u{202e}g";

    #[test]
    fn a_terminal_obeys_nothing_in_others_words() {
        assert_eq!(words("a name\n\tof “Größe” ♪"), "a name\n\tof “Größe” ♪");
        assert_eq!(words(NASTY), "a\u{fffd}[31mb\u{fffd}2Jc\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g");
    }

    #[test]
    fn json_says_the_same_without_them() {
        let value = serde_json::json!({ "name": NASTY });
        let text = json(&value);
        assert!(!text.contains(is_obeyed), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
