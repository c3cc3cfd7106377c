//! How knobs, bars and their texts turn the musician's moves into parameter gestures.

use crate::{ParamBackend, ParamId};

/// How much slower a control moves while Shift is held.
pub const FINE: f32 = 0.1;
/// A wheel notch or an arrow key moves a continuous parameter by this much of its range.
const NUDGE: f32 = 0.01;
/// A pause this long ends a turn of the wheel, so that the next one may go to another control.
const WHEEL_PAUSE_S: f64 = 0.4;

/// Sets a value as one complete gesture.
pub fn set_once(params: &mut dyn ParamBackend, id: ParamId, normalised: f32) {
    params.begin(id);
    params.set(id, normalised.clamp(0.0, 1.0));
    params.end(id);
}

/// Who gets the wheel: the turn's first receiver keeps it, so that scrolling past a knob never turns it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum WheelOwner {
    #[default]
    Scroll,
    /// A turn began in this frame; the control under the pointer may take it.
    Unclaimed,
    Control(ParamId),
}

/// A drag under way. The raw value keeps what a stepped parameter rounds away.
#[derive(Debug)]
struct Drag {
    id: ParamId,
    raw: f32,
}

/// A value being typed.
#[derive(Debug)]
pub struct Typing {
    pub id: ParamId,
    /// Which of the places that show the parameter's value has the field; see [`Controls::start_typing`].
    place: u64,
    pub text: String,
    /// The text was entered and means nothing for this parameter.
    pub is_wrong: bool,
    /// The text field was opened in this frame and still has to take the keyboard.
    pub is_new: bool,
}

/// The state of all the window's controls: at most one is dragged, one typed into, one turned by the wheel.
#[derive(Debug, Default)]
pub struct Controls {
    drag: Option<Drag>,
    typing: Option<Typing>,
    wheel: WheelOwner,
    wheel_at_s: f64,
    wheel_left_over: f32,
}

impl Controls {
    pub fn begin_drag(&mut self, id: ParamId, params: &mut dyn ParamBackend) {
        self.end_drag(params);
        params.begin(id);
        self.drag = Some(Drag { id, raw: params.normalised(id) });
    }

    /// Moves the dragged control by `change` of its range.
    pub fn drag_by(&mut self, change: f32, params: &mut dyn ParamBackend) {
        let Some(drag) = &mut self.drag else { return };
        let before = drag.raw;
        drag.raw = (drag.raw + change).clamp(0.0, 1.0);
        if drag.raw != before {
            params.set(drag.id, stepped(params, drag.id, drag.raw));
        }
    }

    /// Ends the drag under way, if there is one.
    pub fn end_drag(&mut self, params: &mut dyn ParamBackend) {
        if let Some(drag) = self.drag.take() {
            params.end(drag.id);
        }
    }

    pub fn is_dragging(&self, id: ParamId) -> bool {
        self.drag.as_ref().is_some_and(|drag| drag.id == id)
    }

    /// Moves by so many notches or key presses; a stepped parameter by as many steps.
    pub fn nudge(&mut self, id: ParamId, notches: f32, is_fine: bool, params: &mut dyn ParamBackend) {
        let step = match params.step_count(id) {
            Some(steps) => 1.0 / steps.max(1) as f32,
            None if is_fine => NUDGE * FINE,
            None => NUDGE,
        };
        let before = params.normalised(id);
        let after = stepped(params, id, (before + notches * step).clamp(0.0, 1.0));
        if after != before {
            set_once(params, id, after);
        }
    }

    pub fn reset(&mut self, id: ParamId, params: &mut dyn ParamBackend) {
        self.end_drag(params);
        let default = params.default_normalised(id);
        set_once(params, id, default);
    }

    /// Tells, before the controls are drawn, whether the wheel turned in this frame.
    pub fn note_wheel(&mut self, has_turned: bool, now_s: f64) {
        let is_new_turn = now_s - self.wheel_at_s > WHEEL_PAUSE_S;
        if has_turned {
            if is_new_turn {
                self.wheel = WheelOwner::Unclaimed;
                self.wheel_left_over = 0.0;
            } else if self.wheel == WheelOwner::Unclaimed {
                self.wheel = WheelOwner::Scroll;
            }
            self.wheel_at_s = now_s;
        } else if is_new_turn || self.wheel == WheelOwner::Unclaimed {
            self.wheel = WheelOwner::Scroll;
        }
    }

    /// Whether a control holds the wheel, so that nothing else may scroll.
    pub fn holds_wheel(&self) -> bool {
        matches!(self.wheel, WheelOwner::Control(_))
    }

    /// Turns the control under the pointer, if the wheel is its own or free.
    pub fn turn_wheel(&mut self, id: ParamId, notches: f32, is_fine: bool, params: &mut dyn ParamBackend) {
        if self.wheel == WheelOwner::Unclaimed && notches != 0.0 {
            self.wheel = WheelOwner::Control(id);
        }
        if self.wheel != WheelOwner::Control(id) || notches == 0.0 {
            return;
        }
        // Touch pads send parts of a notch: a stepped parameter waits for a whole one.
        let mut turned = notches + self.wheel_left_over;
        self.wheel_left_over = 0.0;
        if params.step_count(id).is_some() {
            self.wheel_left_over = turned.fract();
            turned = turned.trunc();
        }
        if turned != 0.0 {
            self.nudge(id, turned, is_fine, params);
        }
    }

    /// Opens the text field of a parameter with its present value. Of several places that show it, one opens.
    pub fn start_typing(&mut self, id: ParamId, place: u64, params: &dyn ParamBackend) {
        let text = params.text(id, params.normalised(id));
        self.typing = Some(Typing { id, place, text, is_wrong: false, is_new: true });
    }

    pub fn typing(&mut self, id: ParamId, place: u64) -> Option<&mut Typing> {
        self.typing.as_mut().filter(|typing| typing.id == id && typing.place == place)
    }

    /// Takes what was typed. Text that means nothing leaves the value alone and the field open, marked as wrong.
    pub fn commit_typing(&mut self, params: &mut dyn ParamBackend) -> bool {
        let Some(typing) = &mut self.typing else { return true };
        match params.parse(typing.id, typing.text.trim()) {
            Some(normalised) if normalised.is_finite() => {
                let id = typing.id;
                self.typing = None;
                set_once(params, id, normalised);
                true
            }
            _ => {
                typing.is_wrong = true;
                false
            }
        }
    }

    /// Whether a value is being typed, so that Escape is the field's own.
    pub fn is_typing(&self) -> bool {
        self.typing.is_some()
    }

    pub fn cancel_typing(&mut self) {
        self.typing = None;
    }
}

/// The nearest value that the parameter can hold.
fn stepped(params: &dyn ParamBackend, id: ParamId, raw: f32) -> f32 {
    match params.step_count(id) {
        Some(steps) if steps > 0 => (raw * steps as f32).round() / steps as f32,
        _ => raw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{FakeParams, Gesture::*};
    use crate::param::{MIX, TRANSPOSE};

    #[test]
    fn a_drag_past_the_end_comes_back_at_once() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        params.put(MIX, 0.9);
        controls.begin_drag(MIX, &mut params);
        controls.drag_by(5.0, &mut params);
        controls.drag_by(-0.25, &mut params);
        assert_eq!(params.normalised(MIX), 0.75);
    }

    #[test]
    fn a_slow_drag_reaches_the_next_step() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        let steps = params.step_count(TRANSPOSE).unwrap() as f32;
        let start = params.normalised(TRANSPOSE);
        controls.begin_drag(TRANSPOSE, &mut params);
        for _ in 0..10 {
            controls.drag_by(0.11 / steps, &mut params);
        }
        assert!((params.normalised(TRANSPOSE) - start - 1.0 / steps).abs() < 1e-6);
    }

    #[test]
    fn a_second_drag_ends_the_first() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        controls.begin_drag(MIX, &mut params);
        controls.begin_drag(TRANSPOSE, &mut params);
        assert_eq!(params.gestures, [Begin(MIX), End(MIX), Begin(TRANSPOSE)]);
    }

    #[test]
    fn nudges_follow_steps_and_stop_at_the_ends() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        params.put(MIX, 1.0);
        controls.nudge(MIX, 1.0, false, &mut params);
        assert!(params.gestures.is_empty(), "nothing changed, so nothing may be recorded as automation");
        controls.nudge(MIX, -1.0, true, &mut params);
        assert!((params.normalised(MIX) - 0.999).abs() < 1e-6);
        let semitone = params.plain(TRANSPOSE, params.normalised(TRANSPOSE));
        controls.nudge(TRANSPOSE, 2.0, false, &mut params);
        assert!((params.plain(TRANSPOSE, params.normalised(TRANSPOSE)) - semitone - 2.0).abs() < 1e-4);
    }

    #[test]
    fn the_wheel_stays_with_who_had_it_first() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        params.put(MIX, 0.5);
        // Scrolling began beside the knobs, then the list moved a knob under the pointer.
        controls.note_wheel(true, 1.0);
        controls.note_wheel(true, 1.1);
        controls.turn_wheel(MIX, 1.0, false, &mut params);
        assert!(params.gestures.is_empty());
        // After a pause the knob under the pointer may take it.
        controls.note_wheel(false, 1.6);
        controls.note_wheel(true, 2.0);
        controls.turn_wheel(MIX, 1.0, false, &mut params);
        assert!((params.normalised(MIX) - 0.51).abs() < 1e-6);
        assert!(controls.holds_wheel());
        // And another control passing under the pointer does not get it.
        controls.note_wheel(true, 2.1);
        controls.turn_wheel(TRANSPOSE, 1.0, false, &mut params);
        assert!(params.gestures.iter().all(|gesture| gesture.id() == MIX));
    }

    #[test]
    fn a_touch_pad_turns_steps_by_whole_notches() {
        let (mut controls, mut params) = (Controls::default(), FakeParams::default());
        let start = params.plain(TRANSPOSE, params.normalised(TRANSPOSE));
        for tenth in 0..10 {
            controls.note_wheel(true, 1.0 + f64::from(tenth) * 0.02);
            controls.turn_wheel(TRANSPOSE, 0.25, false, &mut params);
        }
        assert!((params.plain(TRANSPOSE, params.normalised(TRANSPOSE)) - start - 2.0).abs() < 1e-4);
    }

    #[test]
    fn of_two_places_that_show_a_value_only_one_opens_a_field() {
        let (mut controls, params) = (Controls::default(), FakeParams::default());
        controls.start_typing(MIX, 1, &params);
        assert!(controls.typing(MIX, 0).is_none() && controls.typing(MIX, 1).is_some());
        assert!(controls.typing(TRANSPOSE, 1).is_none());
    }
}
