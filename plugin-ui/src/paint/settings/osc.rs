//! OSC in the settings: whether other programs play the effect, by which ports, and what became of what they sent.

use egui::{Id, Ui};

use super::{quiet, section, trouble};
use crate::paint::{PaintContext, panel};
use crate::session::{OscView, Request};

/// What a port can be: those below are the system's own.
const PORTS: std::ops::RangeInclusive<u16> = 1024..=u16::MAX;
/// Answers go to the port that the messages come from.
const TO_THE_SENDER: u16 = 0;

/// One of the two ports.
struct Field {
    label: &'static str,
    name: &'static str,
    help: &'static str,
    may_be_zero: bool,
}

const LISTEN: Field = Field {
    label: "at",
    name: "Port for OSC that comes in",
    help: "Where other programs send to, 1024 to 65535",
    may_be_zero: false,
};
const ANSWER: Field = Field {
    label: "answer at",
    name: "Port for OSC that goes out",
    help: "Where other programs hear the answers, 1024 to 65535. 0: at the sender's own port",
    may_be_zero: true,
};

/// Draws the group, where it is offered.
pub fn paint(ui: &mut Ui, is_new: bool, cx: &mut PaintContext) {
    let osc = &cx.session.osc;
    if !osc.is_offered {
        return;
    }
    section(ui, "OSC", cx);
    quiet(ui, "Max, Pure Data or TouchOSC on this computer play the effect and hear its latents.");
    let (mut is_on, mut port, mut send_port, mut wrong) = (osc.is_on, osc.port, osc.send_port, None);
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(&mut is_on, "Listen to OSC");
        for (field, port) in [(LISTEN, &mut port), (ANSWER, &mut send_port)] {
            if enter(ui, &field, port, is_new, cx) {
                wrong = Some(field.help);
            }
        }
    });
    if let Some(help) = wrong {
        trouble(ui, &format!("That is no port. {help}."), cx);
    }
    if !osc.problem.is_empty() {
        trouble(ui, &osc.problem, cx);
    } else if osc.is_on {
        quiet(ui, &counts(osc));
        if !osc.last_refusal.is_empty() {
            quiet(ui, &format!("Refused last: {}", osc.last_refusal));
        }
    }
    if (is_on, port, send_port) != (osc.is_on, osc.port, osc.send_port) {
        cx.requests.push(Request::SetOsc { is_on, port, send_port });
    }
}

fn counts(osc: &OscView) -> String {
    let [taken, refused, flooded] = osc.counts;
    let messages = if taken == 1 { "message" } else { "messages" };
    format!("{taken} {messages} taken, {refused} refused, {flooded} too many.")
}

/// Lets a port be typed; one that is entered takes its place. Returns whether what stands there is none.
fn enter(ui: &mut Ui, field: &Field, port: &mut u16, is_new: bool, cx: &PaintContext) -> bool {
    let id = Id::unique(("timbreloom osc port", field.name));
    if is_new {
        ui.data_mut(|data| data.remove::<String>(id));
    }
    let typed: Option<String> = ui.data(|data| data.get_temp(id));
    let mut text = typed.unwrap_or_else(|| port.to_string());
    ui.label(field.label);
    let response = panel::field(ui, field.name, &mut text, [field.name, ""], cx.metrics.px(68.0));
    let is_port = |number: &u16| PORTS.contains(number) || field.may_be_zero && *number == TO_THE_SENDER;
    let number = text.trim().parse().ok().filter(is_port);
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, text));
    }
    if let Some(number) = number.filter(|_| response.lost_focus()) {
        *port = number;
        ui.data_mut(|data| data.remove::<String>(id));
    }
    let is_wrong = number.is_none() && !response.has_focus();
    response.on_hover_text(field.help);
    is_wrong
}
