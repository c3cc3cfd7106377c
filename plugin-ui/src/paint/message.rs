//! Passing messages over the views: what is learnt, what is being done, and what a request came to.

use egui::{Id, Ui};

use super::PaintContext;
use super::icon::Icon;
use super::slip::{self, Answer, Answered, Slips, Stack, Text};
use crate::message::{Passing, Reader};
use crate::session::Request;
use crate::summary::Tone;

fn notice_id() -> Id {
    Id::unique("timbreloom message")
}

/// Takes in what the session tells, and lets go of what has been there for long enough.
pub fn keep_up(ui: &Ui, passing: &mut Passing, slips: &Slips, cx: &mut PaintContext) {
    let (is_here, now_s) = ui.input(|input| (input.pointer.has_pointer(), input.time));
    let has_keyboard = ui.memory(|memory| memory.has_focus(notice_id().with("button")));
    let reader = Reader { is_here, is_at_it: has_keyboard || slips.is_under(ui, notice_id()) };
    if passing.update(cx.session, reader, now_s) {
        cx.requests.push(Request::Dismiss);
    }
}

/// Draws them upon what is in the stack already.
pub fn paint(ui: &mut Ui, passing: &mut Passing, stack: &mut Stack, cx: &mut PaintContext) {
    if let Some(id) = cx.session.midi.learning {
        let text = format!("Move a controller for {}\u{2026} Escape stops.", cx.params.name(id));
        let said = Text {
            tone: Tone::Waiting,
            title: "",
            text: &text,
            answer: Answer::Word(["Stop", "Stop learning"]),
            can_wait: false,
        };
        if slip::text(ui, stack, Id::unique("timbreloom learning"), said) == Answered::Button {
            cx.requests.push(Request::Learn(None));
        }
    }
    if let Some(text) = passing.busy() {
        let said = Text { tone: Tone::Waiting, title: "", text, answer: Answer::None, can_wait: true };
        slip::text(ui, stack, Id::unique("timbreloom busy"), said);
    }
    if let Some(notice) = passing.notice() {
        let answer = Answer::Sign(Icon::Close, "Dismiss the message");
        let said = Text { tone: notice.tone, title: "", text: &notice.text, answer, can_wait: false };
        if slip::text(ui, stack, notice_id(), said) != Answered::Nothing {
            cx.requests.push(Request::Dismiss);
            passing.let_go();
        }
    }
}
