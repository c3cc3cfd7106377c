//! Which keys the window keeps: all others belong to the host, whose space bar starts the song.
//!
//! egui tells neither whether a key was of use nor to whom, so the rule is the other way round: what has the keyboard says
//! which kinds of keys it takes.

use egui::{Context, Event, Id, Key, Modifiers, Popup, Ui};

/// The kinds of keys that the window takes at the moment, from none to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Nothing in the window has the keyboard.
    #[default]
    Nothing,
    /// Keys that move, choose, set and undo.
    Controls,
    /// Letters and digits too, as tools of a picture.
    Letters,
    /// Somebody types.
    Text,
}

/// A key that went down or up and is the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Which.
    pub key: Key,
    /// Whether it went down.
    pub is_down: bool,
    /// What was held with it.
    pub modifiers: Modifiers,
}

#[derive(Clone, Copy, Default)]
struct Claim {
    reach: Reach,
    keeps_space: bool,
    frame: u64,
}

fn claim_id() -> Id {
    Id::unique("timbreloom claimed keys")
}

fn by_tab_id() -> Id {
    Id::unique("timbreloom keyboard came by Tab")
}

/// Asks for keys until the next frame; what asks for most gets it.
pub fn claim(ui: &Ui, reach: Reach) {
    claim_more(ui, reach, false);
}

/// Asks for the space bar until the next frame: what it does here is seen, as by a cursor among steps.
pub fn claim_space(ui: &Ui) {
    claim_more(ui, Reach::Controls, true);
}

fn claim_more(ui: &Ui, reach: Reach, keeps_space: bool) {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| {
        let claim = data.get_temp_mut_or_default::<Claim>(claim_id());
        if claim.frame != frame {
            *claim = Claim { frame, ..Claim::default() };
        }
        claim.reach = claim.reach.max(reach);
        claim.keeps_space |= keeps_space;
    });
}

/// What the last frame asked for.
fn claimed(context: &Context) -> Claim {
    let claim: Claim = context.data(|data| data.get_temp(claim_id())).unwrap_or_default();
    // A frame may just have begun.
    if context.cumulative_frame_nr() <= claim.frame + 1 { claim } else { Claim::default() }
}

/// What the window takes, after a frame.
pub fn reach(context: &Context) -> Reach {
    if context.text_edit_focused() {
        return Reach::Text;
    }
    let has_focus = context.memory(|memory| memory.focused().is_some()) || Popup::is_any_open(context);
    let held = if has_focus { Reach::Controls } else { Reach::Nothing };
    held.max(claimed(context).reach)
}

/// Takes the host's keys out of this frame's input, before anything of the window sees them. `reach`: as the last frame left
/// it, for Escape has already let go of what had the keyboard when a frame begins.
pub fn take_hosts(context: &Context, reach: Reach) -> Vec<HostKey> {
    let keeps_space = claimed(context).keeps_space;
    let mut by_tab = context.data(|data| data.get_temp(by_tab_id())).unwrap_or(false);
    let mut hosts = Vec::new();
    context.input_mut(|input| {
        input.events.retain(|event| match *event {
            Event::Key { key, pressed, modifiers, .. } => {
                by_tab |= key == Key::Tab && reach > Reach::Nothing;
                let is_hosts = is_hosts(reach, key, modifiers, by_tab || keeps_space);
                if is_hosts {
                    hosts.push(HostKey { key, is_down: pressed, modifiers });
                }
                !is_hosts
            }
            Event::PointerButton { pressed: true, .. } => {
                by_tab = false;
                true
            }
            _ => true,
        });
        for host in &hosts {
            input.keys_down.remove(&host.key);
        }
    });
    context.data_mut(|data| data.insert_temp(by_tab_id(), by_tab));
    hosts
}

/// `keeps_space`: whether the keyboard came to where it is by Tab, and not by a click: then the space bar presses what it came to.
fn is_hosts(reach: Reach, key: Key, modifiers: Modifiers, keeps_space: bool) -> bool {
    match reach {
        Reach::Nothing => return true,
        Reach::Text => return false,
        Reach::Controls | Reach::Letters => {}
    }
    let name = key.name();
    let is_function = name.len() > 1 && name.starts_with('F') && name[1..].bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = name.len() == 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if key == Key::Space {
        !keeps_space
    } else if is_function || modifiers.alt {
        true
    } else if modifiers.ctrl || modifiers.command {
        // Undo and redo, copy, cut, paste, all, and the views by number: the rest are menus of the host, and its zoom.
        let is_kept = matches!(key, Key::Z | Key::C | Key::X | Key::V | Key::A);
        let is_view = name.bytes().all(|byte| matches!(byte, b'1'..=b'9'));
        let is_zoom = matches!(key, Key::Plus | Key::Minus | Key::Equals);
        is_zoom || is_letter && !is_kept && !is_view
    } else {
        is_letter && reach < Reach::Letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Modifiers = Modifiers::NONE;

    fn of_host(reach: Reach, keeps_space: bool) -> impl Fn(Key, Modifiers) -> bool {
        move |key, modifiers| is_hosts(reach, key, modifiers, keeps_space)
    }

    #[test]
    fn the_space_bar_is_the_hosts_unless_the_musician_types_or_came_by_tab() {
        for reach in [Reach::Nothing, Reach::Controls, Reach::Letters] {
            assert!(of_host(reach, false)(Key::Space, NONE), "{reach:?}");
            assert!(of_host(reach, false)(Key::Space, Modifiers::SHIFT), "{reach:?}");
        }
        assert!(!of_host(Reach::Controls, true)(Key::Space, NONE));
        assert!(!of_host(Reach::Text, false)(Key::Space, NONE));
    }

    #[test]
    fn what_has_the_keyboard_keeps_the_keys_that_it_uses() {
        let clicked = of_host(Reach::Controls, false);
        for key in [Key::ArrowUp, Key::PageDown, Key::Home, Key::Enter, Key::Delete, Key::Escape, Key::Tab, Key::Plus] {
            assert!(!clicked(key, NONE), "{key:?}");
        }
        assert!(!clicked(Key::Z, Modifiers::COMMAND) && !clicked(Key::Num2, Modifiers::COMMAND));
        for (key, modifiers) in [(Key::R, NONE), (Key::Num3, NONE), (Key::F5, NONE), (Key::F12, Modifiers::SHIFT)] {
            assert!(clicked(key, modifiers), "{key:?}");
        }
        assert!(clicked(Key::S, Modifiers::CTRL), "the project is saved");
        for key in [Key::Plus, Key::Equals, Key::Minus, Key::Num0] {
            assert!(clicked(key, Modifiers::COMMAND) && clicked(key, Modifiers::CTRL), "{key:?} is the host's zoom");
        }
        assert!(clicked(Key::Enter, Modifiers::ALT));
        let painting = of_host(Reach::Letters, false);
        assert!(!painting(Key::R, NONE) && !painting(Key::Num3, NONE) && painting(Key::F5, NONE));
    }

    #[test]
    fn who_types_has_every_key_and_who_does_not_listen_none() {
        for key in [Key::A, Key::Space, Key::F1, Key::Escape, Key::Enter, Key::ArrowLeft] {
            assert!(!of_host(Reach::Text, false)(key, NONE) && of_host(Reach::Nothing, false)(key, NONE), "{key:?}");
        }
    }

    /// egui wants to see them go.
    fn drop_textures(mut painted: egui::FullOutput) {
        painted.textures_delta.clear();
    }

    /// A frame in which the space bar goes down; -> the host's keys, and whether the window still saw it.
    fn space(context: &Context, claimed: Option<Reach>) -> (usize, bool) {
        let key = Event::Key { key: Key::Space, physical_key: None, pressed: true, repeat: false, modifiers: NONE };
        let input = egui::RawInput { events: vec![key], ..egui::RawInput::default() };
        let mut seen = (0, false);
        let painted = context.run_ui(input, |ui| {
            if let Some(reach) = claimed {
                claim(ui, reach);
            }
            seen.0 += take_hosts(ui.ctx(), reach(ui.ctx())).len();
            seen.1 |= ui.input(|input| input.key_pressed(Key::Space) || input.key_down(Key::Space));
        });
        drop_textures(painted);
        seen
    }

    #[test]
    fn a_key_of_the_host_is_not_seen_in_the_window_and_a_claim_ends_with_its_frame() {
        let context = Context::default();
        assert_eq!(space(&context, None), (1, false));
        assert_eq!(space(&context, Some(Reach::Text)), (0, true));
        drop_textures(context.run_ui(egui::RawInput::default(), |_| {}));
        assert_eq!(space(&context, None), (1, false));
    }
}
