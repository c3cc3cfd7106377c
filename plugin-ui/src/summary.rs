//! The status in words.

use crate::{EngineState, ModelView, Status};

/// How serious a line is; painters pair each with a sign of its own shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Nothing to hear yet, or not now.
    Waiting,
    /// Something that the musician has to mend.
    Trouble,
}

/// The model's name, or what stands for it.
pub fn name<'a>(status: &Status, model: &'a ModelView) -> &'a str {
    match &status.state {
        _ if !model.name.is_empty() => &model.name,
        EngineState::Loading => "Timbreloom",
        _ => status.product.no_model,
    }
}

/// What the plugin is doing, in one sentence.
pub fn state(status: &Status, is_bypassed: bool) -> (Tone, String) {
    let [loading, missing, stopped] = status.product.states;
    match &status.state {
        EngineState::Loading => (Tone::Waiting, loading.to_owned()),
        EngineState::Missing(_) => (Tone::Trouble, missing.to_owned()),
        EngineState::Faulted(_) => (Tone::Trouble, stopped.to_owned()),
        EngineState::Ready if !status.product.ready.is_empty() => (Tone::Good, status.product.ready.to_owned()),
        EngineState::Ready if is_bypassed => (Tone::Waiting, "Bypassed: you hear the dry sound.".to_owned()),
        EngineState::Ready if status.is_running => (Tone::Good, format!("Playing on the {}.", status.provider)),
        EngineState::Ready => (Tone::Waiting, format!("Ready on the {}. No sound yet.", status.provider)),
    }
}

/// What was held back; else [`state`], where the load's field, which names the provider, does not say it already.
pub fn sentence(status: &Status, is_bypassed: bool, provider: &str) -> Option<String> {
    let (tone, sentence) = state(status, is_bypassed);
    if tone != Tone::Trouble && !status.held.is_empty() {
        return Some(status.held.to_string());
    }
    let is_said = tone == Tone::Good && load(status).is_some() && !provider.is_empty();
    (!is_said).then_some(sentence)
}

/// The latency in milliseconds and in samples, or `None` before the host has told its rate.
pub fn latency(status: &Status) -> Option<(String, String)> {
    (status.host_rate_hz > 0.0).then(|| {
        let latency_ms = f64::from(status.latency_frames) * 1000.0 / f64::from(status.host_rate_hz);
        (format!("{latency_ms:.1} ms"), format!("{} samples", status.latency_frames))
    })
}

/// The worker's load in per cent, or `None` where nothing runs.
pub fn load(status: &Status) -> Option<String> {
    let is_known = status.state == EngineState::Ready && status.is_running && status.load.is_finite();
    is_known.then(|| format!("{:.0} %", status.load.max(0.0) * 100.0))
}

/// What underruns mean for the musician, in the plugin's own words where it has some; `None` while there are none.
pub fn underruns(status: &Status) -> Option<String> {
    let times = match status.underruns {
        0 => return None,
        _ if !status.dropouts.is_empty() => return Some(status.dropouts.to_string()),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    Some(format!(
        "The model was too late {times} and its sound dropped out there. Close other heavy plugins, or choose a larger \
         buffer in the host."
    ))
}

/// A level for reading, in dB of full scale.
pub fn level(level_db: f32) -> String {
    if level_db <= crate::meter::FLOOR_DB {
        "\u{2212}\u{221e}".to_owned()
    } else {
        format!("{} dB", signed(level_db, 1))
    }
}

/// A loudness as text.
pub fn lufs(loudness: f32) -> String {
    format!("{} LUFS", signed(loudness, 1))
}

/// A number with a true minus sign, so that columns of both signs look alike.
pub fn signed(value: f32, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|digit| matches!(digit, '0' | '.')) => digits.to_owned(),
        Some(digits) => format!("\u{2212}{digits}"),
        None => text,
    }
}

/// The whole top bar as one text for a screen reader.
pub fn spoken(status: &Status, model: &ModelView, is_bypassed: bool) -> String {
    let mut text = format!("{}. {}", name(status, model), state(status, is_bypassed).1);
    if let Some((time, frames)) = latency(status) {
        text += &format!(" Latency {time} ({frames}).");
    }
    if let Some(load) = load(status) {
        text += &format!(" Load {load}.");
    }
    if let Some(sentence) = underruns(status) {
        text += " ";
        text += &sentence;
    }
    if !status.held.is_empty() {
        text += " ";
        text += &status.held;
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn latency_is_told_both_ways() {
        let status = Status { latency_frames: 2563, host_rate_hz: 48_000.0, ..Status::default() };
        assert_eq!(latency(&status), Some(("53.4 ms".to_owned(), "2563 samples".to_owned())));
        assert_eq!(latency(&Status::default()), None);
    }

    #[test]
    fn underruns_are_told_only_when_there_are_some() {
        let mut status = Status::default();
        assert_eq!(underruns(&status), None);
        status.underruns = 1;
        assert!(underruns(&status).unwrap().contains("late once"));
        status.underruns = 7;
        assert!(underruns(&status).unwrap().contains("7 times"));
        status.dropouts = "Half a second is lost.".into();
        assert_eq!(underruns(&status).unwrap(), "Half a second is lost.");
    }

    #[test]
    fn what_was_held_back_is_told_unless_there_is_nothing_to_hear_at_all() {
        let held = Arc::from("3 samples were no numbers.");
        let mut status = Status { state: EngineState::Ready, is_running: true, held, ..Status::default() };
        assert_eq!(sentence(&status, false, "CPU").as_deref(), Some("3 samples were no numbers."));
        assert!(spoken(&status, &ModelView::default(), false).ends_with("3 samples were no numbers."));
        status.state = EngineState::Missing("".into());
        assert_eq!(sentence(&status, false, "CPU").as_deref(), Some("Dry sound: the model does not play."));
    }

    #[test]
    fn state_says_what_is_heard() {
        let mut status =
            Status { state: EngineState::Ready, provider: "CPU".into(), is_running: true, ..Status::default() };
        assert_eq!(state(&status, false), (Tone::Good, "Playing on the CPU.".to_owned()));
        assert_eq!(state(&status, true).0, Tone::Waiting);
        assert_eq!(sentence(&status, false, "CPU"), None, "the load's field says it");
        assert!(sentence(&status, true, "CPU").is_some_and(|said| said.contains("Bypassed")));
        assert_eq!(sentence(&status, false, "").as_deref(), Some("Playing on the CPU."));
        status.state = EngineState::Loading;
        assert!(state(&status, false).1.contains("Dry sound"));
    }

    #[test]
    fn load_is_told_only_while_the_model_runs() {
        let mut status = Status { load: 0.314, is_running: true, ..Status::default() };
        assert_eq!(load(&status), None);
        status.state = EngineState::Ready;
        assert_eq!(load(&status).as_deref(), Some("31 %"));
    }

    #[test]
    fn numbers_have_a_true_minus_and_no_minus_zero() {
        assert_eq!(signed(-1.25, 2), "\u{2212}1.25");
        assert_eq!(signed(-0.001, 2), "0.00");
    }
}
