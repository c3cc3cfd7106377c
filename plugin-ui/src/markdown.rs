//! A model's card, taken apart into what can be drawn: headings, paragraphs, lists and tables. Links and pictures are text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A run of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub is_strong: bool,
    pub is_emphasised: bool,
    pub is_code: bool,
}

/// What stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading of level 1 to 6.
    Heading(u8, Vec<Run>),
    /// Text.
    Paragraph(Vec<Run>),
    /// An item of a list: how deep, its mark, its text.
    Item(usize, String, Vec<Run>),
    /// Rows of cells; the first one is the head, which may be empty.
    Table(Vec<Vec<Vec<Run>>>),
    /// Text as it stands.
    Code(String),
    /// A line across.
    Rule,
}

/// Takes Markdown apart; nothing in it can fail.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        reader.take(event);
    }
    reader.flush();
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    runs: Vec<Run>,
    style: Run,
    heading: Option<u8>,
    /// The next number of each list that is open, `None` of one without numbers.
    lists: Vec<Option<u64>>,
    /// Depth and mark of the item that has begun and has no text yet.
    item: Option<(usize, String)>,
    table: Option<Vec<Vec<Vec<Run>>>>,
    code: Option<String>,
}

impl Reader {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.text(&text, false),
            Event::Code(text) => self.text(&text, true),
            Event::SoftBreak | Event::HardBreak => self.text(" ", false),
            Event::Rule => self.blocks.push(Block::Rule),
            _ => (),
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Heading { level, .. } => self.heading = Some(level as u8),
            Tag::Strong => self.style.is_strong = true,
            Tag::Emphasis => self.style.is_emphasised = true,
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                let depth = self.lists.len().saturating_sub(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}.", *number - 1)
                    }
                    _ => "\u{2022}".to_owned(),
                };
                self.item = Some((depth, mark));
            }
            Tag::Table(_) => self.table = Some(Vec::new()),
            Tag::TableHead | Tag::TableRow => {
                if let Some(rows) = &mut self.table {
                    rows.push(Vec::new());
                }
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            _ => (),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Strong => self.style.is_strong = false,
            TagEnd::Emphasis => self.style.is_emphasised = false,
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.runs);
                if let Some(row) = self.table.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.blocks.extend(self.table.take().map(Block::Table)),
            TagEnd::CodeBlock => self.blocks.extend(self.code.take().map(Block::Code)),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item => self.flush(),
            _ => (),
        }
    }

    fn text(&mut self, text: &str, is_code: bool) {
        if let Some(code) = &mut self.code {
            return code.push_str(text);
        }
        self.runs.push(Run { text: text.to_owned(), is_code, ..self.style.clone() });
    }

    /// Closes the text that was gathered.
    fn flush(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        if runs.is_empty() {
            return;
        }
        let block = match (self.heading.take(), self.item.take()) {
            (Some(level), _) => Block::Heading(level, runs),
            (None, Some((depth, mark))) => Block::Item(depth, mark, runs),
            // A further paragraph of an item stands under it.
            (None, None) if !self.lists.is_empty() => Block::Item(self.lists.len() - 1, String::new(), runs),
            (None, None) => Block::Paragraph(runs),
        };
        self.blocks.push(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(runs: &[Run]) -> String {
        runs.iter().map(|run| run.text.as_str()).collect()
    }

    #[test]
    fn headings_lists_and_tables_come_apart() {
        let blocks = blocks("# One\n\nText **bold**\nmore\n\n- a\n  - b\n\n3. c\n\n| x | y |\n|---|---|\n| 1 | 2 |\n");
        let shown: Vec<String> = blocks
            .iter()
            .map(|block| match block {
                Block::Heading(level, runs) => format!("h{level} {}", plain(runs)),
                Block::Paragraph(runs) => format!("p {}", plain(runs)),
                Block::Item(depth, mark, runs) => format!("i{depth} {mark} {}", plain(runs)),
                Block::Table(rows) => {
                    format!("t {}", rows.iter().flatten().map(|cell| plain(cell)).collect::<String>())
                }
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(shown, ["h1 One", "p Text bold more", "i0 \u{2022} a", "i1 \u{2022} b", "i0 3. c", "t xy12"]);
    }

    #[test]
    fn what_is_odd_is_text_or_nothing_and_never_ends_the_window() {
        for odd in
            ["", "|||\n|-|", "<script>x</script>", "![p](http://x/y.png)", "- \n - \n\n\u{0}", "```\nopen", "[a](b"]
        {
            blocks(odd);
        }
        assert_eq!(blocks("```\nas it  stands\n```"), [Block::Code("as it  stands\n".to_owned())]);
    }
}
