use std::sync::Arc;

use super::*;
use crate::fake;
use crate::paths::{Recording, StepKind};

/// A point of the screen is a hundredth of a second and of the value.
const HAND: Hand = Hand { unit: [0.01, 0.01], is_free: false, is_adding: false };
const FREE: Hand = Hand { is_free: true, ..HAND };

/// An editor that shows the first slot of three, and what it is told.
fn open() -> (PathsEditor, PathsStatus) {
    let (mut editor, status) = (PathsEditor::default(), fake::paths());
    editor.update(&status, 1.0);
    editor.show_first(0);
    (editor, status)
}

/// With a path that nothing bends.
fn open_plain() -> (PathsEditor, PathsStatus) {
    let (mut editor, status) = open();
    editor.show(1);
    (editor, status)
}

fn told(editor: &mut PathsEditor, is_let_go: bool) -> Vec<(Vec<StepView>, String, bool)> {
    let mut requests = Vec::new();
    editor.tell(is_let_go, 1.0, &mut requests);
    let sets = requests.into_iter().map(|request| match request {
        Request::Path(PathRequest::SetSteps { steps, label, is_done, .. }) => (steps, label, is_done),
        other => panic!("{other:?}"),
    });
    sets.collect()
}

/// What the plugin would show next: the same path with these steps.
fn answered(status: &PathsStatus, slot: usize, steps: &[StepView]) -> PathsStatus {
    let mut view = PathsView::clone(&status.view);
    let mut path = PathView::clone(view.slots[slot].as_ref().unwrap());
    path.steps = steps.to_vec();
    view.slots[slot] = Some(Arc::new(path));
    PathsStatus { view: Arc::new(view), ..status.clone() }
}

fn stroke(editor: &mut PathsEditor, status: &PathsStatus, places: &[[f32; 2]]) -> Vec<(Vec<StepView>, String, bool)> {
    editor.press(places[0], HAND, status);
    let mut all = told(editor, false);
    for &place in &places[1..] {
        editor.drag_to(place, HAND, status);
        all.extend(told(editor, false));
    }
    all.extend(told(editor, true));
    all
}

#[test]
fn a_stroke_is_heard_while_it_is_drawn_and_is_one_step_of_undo() {
    let (mut editor, status) = open_plain();
    editor.tool = Tool::Freehand;
    let all = stroke(&mut editor, &status, &[[1.0, 0.0], [1.5, 1.0], [2.0, 0.0]]);
    assert_eq!(all.iter().map(|told| told.2).collect::<Vec<_>>(), [false, false, true]);
    let (steps, label, _) = all.last().unwrap();
    assert_eq!((steps.len(), steps[0].kind, label.as_str()), (1, StepKind::Draw, "Draw 1"));
    assert_eq!(*steps[0].points, [[1.0, 0.0], [1.5, 1.0], [2.0, 0.0]]);
    // The next one touches it: it becomes part of it.
    let all = stroke(&mut editor, &status, &[[1.8, -1.0], [2.5, -1.0]]);
    let (steps, ..) = all.last().unwrap();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].points.last(), Some(&[2.5, -1.0]));
    assert!(stroke(&mut editor, &status, &[[3.0, 0.0]]).is_empty(), "a click draws nothing");
}

#[test]
fn a_stroke_that_is_given_up_leaves_the_steps_as_they_were() {
    let (mut editor, status) = open();
    let before = editor.steps().to_vec();
    editor.tool = Tool::Line;
    editor.press([5.0, 0.0], HAND, &status);
    editor.drag_to([6.0, 2.0], HAND, &status);
    assert_eq!(told(&mut editor, false).len(), 1);
    editor.cancel();
    let all = told(&mut editor, true);
    assert_eq!((all.len(), &all[0].0), (1, &before));
    assert_eq!(editor.steps(), before);
}

#[test]
fn points_of_the_last_line_are_moved_together_and_on_the_grid() {
    let (mut editor, status) = open();
    editor.tool = Tool::Points;
    editor.snap.grid = 5;
    assert_eq!(editor.points().len(), 4);
    // A box around two of them, then a drag of one.
    editor.press([1.5, 2.5], HAND, &status);
    editor.drag_to([3.5, -2.0], HAND, &status);
    assert!(editor.marked_box().is_some());
    assert!(told(&mut editor, true).is_empty());
    assert_eq!(editor.selected.count(), 2);
    editor.press([2.0, 1.8], HAND, &status);
    assert!(told(&mut editor, false).is_empty(), "nothing has moved yet");
    editor.drag_to([2.4, 1.3], HAND, &status);
    assert!(!told(&mut editor, false)[0].2);
    let all = told(&mut editor, true);
    assert!(all[0].2);
    let points = editor.points();
    // A beat is half a second: 2.4 goes to 2.5, and the other point moves by as much.
    let wanted = [[1.0, 0.0], [2.5, 1.3], [3.7, -1.6], [4.0, 0.4]];
    for (point, wanted) in points.iter().zip(wanted) {
        assert!((point[0] - wanted[0]).abs() < 1e-4 && (point[1] - wanted[1]).abs() < 1e-4, "{points:?}");
    }
}

#[test]
fn a_click_adds_a_point_on_the_grid_and_a_second_one_does_not_delete_it() {
    let (mut editor, status) = open_plain();
    editor.tool = Tool::Points;
    editor.snap.grid = 5;
    let click = |editor: &mut PathsEditor, at, hand| {
        editor.press(at, hand, &status);
        told(editor, true)
    };
    assert_eq!(click(&mut editor, [1.1, 0.5], HAND)[0].1, "Draw 1");
    assert_eq!(click(&mut editor, [2.12, 1.0], FREE).len(), 1);
    assert_eq!(editor.points(), [[1.0, 0.5], [2.12, 1.0]]);
    click(&mut editor, [2.12, 1.0], HAND);
    assert!(editor.is_second_click(), "the double-click that added it");
    click(&mut editor, [2.12, 1.0], HAND);
    assert!(!editor.is_second_click());
    editor.delete_points(Some(1));
    assert_eq!(editor.points(), [[1.0, 0.5]]);
    editor.selected.only(0);
    editor.delete_points(None);
    assert!(editor.steps().is_empty(), "a line without points goes away");
}

#[test]
fn drawn_pitches_are_semitones_unless_shift_is_held() {
    let (mut editor, status) = open_plain();
    editor.set_axis(PathAxis::Pitch);
    editor.tool = Tool::Line;
    let all = stroke(&mut editor, &status, &[[1.0, 60.3], [2.0, 64.8]]);
    assert_eq!(*all.last().unwrap().0[0].points, [[1.0, 60.0], [2.0, 65.0]]);
    editor.snap.is_semitones = false;
    let all = stroke(&mut editor, &status, &[[3.0, 60.3], [4.0, 64.8]]);
    assert_eq!(*all.last().unwrap().0[1].points, [[3.0, 60.3], [4.0, 64.8]]);
}

#[test]
fn a_range_is_dragged_extended_and_left() {
    let (mut editor, status) = open_plain();
    stroke(&mut editor, &status, &[[1.0, 0.0], [2.0, 0.0]]);
    assert_eq!(editor.selection, Some([1.0, 2.0]));
    editor.press([3.0, 0.0], FREE, &status);
    editor.drag_to([3.5, 0.0], FREE, &status);
    told(&mut editor, true);
    assert_eq!(editor.selection, Some([1.0, 3.5]));
    // Its edge is taken hold of.
    stroke(&mut editor, &status, &[[1.02, 0.0], [0.5, 0.0]]);
    assert_eq!(editor.selection, Some([0.5, 3.5]));
    stroke(&mut editor, &status, &[[2.0, 0.0]]);
    assert_eq!(editor.selection, None, "a click leaves it");
    editor.select_all();
    assert_eq!(editor.selection, Some([0.0, editor.window.length_s()]));
    editor.nudge_range(1.0, true, &status);
    assert_eq!(editor.selection, Some([0.0, editor.window.length_s()]));
}

#[test]
fn steps_are_added_where_is_chosen() {
    let (mut editor, _) = open();
    editor.selection = Some([1.0, 2.0]);
    editor.is_all = true;
    editor.add(StepKind::Scale);
    let (steps, label, is_done) = told(&mut editor, true).remove(0);
    let step = steps.last().unwrap();
    assert_eq!(
        (step.axes, step.range_s, label.as_str(), is_done),
        (AxisSet::LATENT, Some([1.0, 2.0]), "Scale all latents", true)
    );
    assert_eq!(editor.step(), Some(3));
    editor.is_all = false;
    editor.set_axis(PathAxis::Loudness);
    editor.rest();
    let (steps, label, _) = told(&mut editor, true).remove(0);
    assert_eq!((*steps[4].points).to_vec(), [[1.0, -60.0], [2.0, -60.0]]);
    assert_eq!((steps[4].axes, label.as_str()), (AxisSet::one(PathAxis::Loudness), "Silence loudness"));
    editor.set_axis(PathAxis::Pitch);
    assert!(editor.why_no_rest().is_some());
    (editor.set_text, editor.selection) = ("A3".into(), None);
    assert!(editor.set_typed());
    let (steps, label, _) = told(&mut editor, true).remove(0);
    assert_eq!((steps[5].points[0], label.as_str()), ([0.0, 57.0], "Set pitch"));
    editor.set_text = "high".into();
    assert!(!editor.set_typed() && told(&mut editor, true).is_empty());
}

#[test]
fn steps_are_changed_moved_reset_and_deleted() {
    let (mut editor, _) = open();
    editor.set_amount(1, 999.0);
    assert_eq!(editor.steps()[1].amount, 96.0);
    editor.move_step(1, -1);
    assert_eq!((editor.steps()[0].kind, editor.step()), (StepKind::Bias, Some(0)));
    editor.move_step(0, -1);
    assert_eq!(told(&mut editor, true)[0].1, "Move Bias 3");
    editor.change(2, "Switch on", |step| step.is_off = false);
    assert_eq!(told(&mut editor, true)[0].1, "Switch on Smooth all latents");
    editor.change(2, "Switch on", |step| step.is_off = false);
    assert!(told(&mut editor, true).is_empty(), "nothing has changed");
    editor.set_axis(PathAxis::Latent(2));
    editor.reset();
    assert_eq!(told(&mut editor, true)[0].1, "Reset 3");
    assert_eq!(editor.steps().len(), 2);
    assert!(!editor.steps()[1].axes.has(PathAxis::Latent(2)));
    editor.delete_step(0);
    editor.delete_step(9);
    assert_eq!(told(&mut editor, true)[0].0.len(), 1);
}

#[test]
fn a_full_path_says_so_and_asks_for_nothing() {
    let (mut editor, _) = open_plain();
    for _ in 0..64 {
        editor.add(StepKind::Reverse);
    }
    told(&mut editor, true);
    assert_eq!(editor.trouble, "");
    editor.add(StepKind::Reverse);
    assert!(editor.trouble.contains("64") && told(&mut editor, true).is_empty());
    editor.delete_step(0);
    assert_eq!(editor.trouble, "");
}

#[test]
fn an_envelope_is_drawn_in_its_own_range() {
    let (mut editor, status) = open_plain();
    editor.selection = Some([1.0, 3.0]);
    editor.add(StepKind::Envelope);
    editor.selection = None;
    told(&mut editor, true);
    assert_eq!((editor.target(), editor.scale()), (Target::Envelope(0), Scale::GAIN));
    assert_eq!(editor.points(), [[1.0, 1.0], [3.0, 1.0]]);
    editor.tool = Tool::Points;
    editor.press([2.0, 0.25], HAND, &status);
    let (steps, label, _) = told(&mut editor, true).remove(0);
    assert_eq!((*steps[0].points).to_vec(), [[0.0, 1.0], [0.5, 0.25], [1.0, 1.0]]);
    assert_eq!(label, "Envelope 1");
    editor.tool = Tool::Line;
    let all = stroke(&mut editor, &status, &[[0.2, 0.0], [2.0, 0.5]]);
    assert_eq!(all.last().unwrap().0[0].points[0], [0.0, 0.0], "not before its range");
    assert!(editor.select_none());
    assert_eq!(editor.target(), Target::Line(None));
}

#[test]
fn the_plugins_steps_are_taken_unless_they_answer_an_edit_before() {
    let (mut editor, status) = open_plain();
    let first = editor.steps().to_vec();
    editor.add(StepKind::Bias);
    told(&mut editor, true);
    let sent = editor.steps().to_vec();
    // What comes back late of an edit before leaves the steps alone.
    editor.update(&answered(&status, 1, &first), 1.1);
    assert_eq!(editor.steps(), sent);
    assert!(editor.is_moving());
    editor.update(&answered(&status, 1, &sent), 1.2);
    assert!(!editor.is_moving());
    // Undo.
    editor.update(&answered(&status, 1, &first), 1.3);
    assert_eq!(editor.steps(), first);
    // Refused: what the plugin has is shown once no answer is to be waited for.
    editor.add(StepKind::Bias);
    told(&mut editor, true);
    let refused = answered(&status, 1, &first);
    editor.update(&refused, 1.4);
    assert_eq!(editor.steps().len(), 1);
    editor.update(&refused, 9.0);
    assert_eq!(editor.steps(), first);
}

#[test]
fn a_gesture_is_not_disturbed_by_what_the_plugin_shows_meanwhile() {
    let (mut editor, status) = open();
    editor.tool = Tool::Points;
    editor.press([2.0, 1.8], HAND, &status);
    editor.drag_to([2.0, 1.0], HAND, &status);
    told(&mut editor, false);
    editor.update(&answered(&status, 0, &[]), 1.1);
    editor.drag_to([2.0, 0.5], HAND, &status);
    assert_eq!(editor.points()[1], [2.0, 0.5]);
}

#[test]
fn a_recording_and_a_file_go_where_there_is_room() {
    let (mut editor, mut status) = open();
    assert_eq!((editor.record_slot(), editor.import_slot()), (Some(2), None));
    editor.show(6);
    assert_eq!((editor.record_slot(), editor.import_slot()), (Some(6), Some(6)));
    status.recording = Recording::Waiting { slot: 4 };
    editor.update(&status, 1.0);
    assert_eq!(editor.shown(), 4, "what is being recorded is shown");
    editor.show(0);
    status.recording = Recording::Running { slot: 4, elapsed_s: 1.0, length_s: None };
    editor.update(&status, 1.1);
    assert_eq!(editor.shown(), 0, "but only once");
    let mut view = PathsView::clone(&status.view);
    view.slots = std::array::from_fn(|_| view.slots[0].clone());
    editor.update(&PathsStatus { view: Arc::new(view), ..status }, 1.2);
    assert_eq!(editor.record_slot(), None);
}

#[test]
fn a_path_of_fewer_dimensions_has_no_axis_beyond_them() {
    let (mut editor, _) = open();
    editor.set_axis(PathAxis::Latent(15));
    editor.show(3);
    assert_eq!(editor.axis(), PathAxis::Latent(11));
    editor.step_axis(1);
    assert_eq!(editor.axis(), PathAxis::Loudness);
    editor.step_axis(-12);
    assert_eq!(editor.axis(), PathAxis::Latent(0));
    editor.show(7);
    editor.step_axis(1);
    editor.press([1.0, 1.0], HAND, &PathsStatus::default());
    assert!(told(&mut editor, true).is_empty(), "there is no path to draw on");
}
