//! Slips: what floats over the foot of the views, and makes way for the hand.

use egui::accesskit::Role;
use egui::{
    Color32, CornerRadius, Id, Pos2, Rect, Sense, Shadow, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::icon::Icon;
use super::theme::{self, Metrics};
use super::{button, notice};
use crate::summary::Tone;

/// The width of a slip at most: longer lines are hard to read.
const WIDTH: f32 = 560.0;
/// A hand that is at work nearer than this shall see what it does.
const HAND: f32 = 48.0;
/// How much of the room slips may take that can wait for each other.
const MOST: f32 = 0.6;
/// How long one takes to come, or to make way, seconds.
const FADE_S: f32 = 0.14;

/// What the slips of a window know of the last frame.
#[derive(Debug, Default)]
pub struct Slips {
    before: Vec<(Id, Rect)>,
    now: Vec<(Id, Rect)>,
    /// What is pressed was pressed on a slip.
    is_held: bool,
}

impl Slips {
    /// Begins a frame.
    pub fn begin(&mut self, ui: &Ui) {
        self.before = std::mem::take(&mut self.now);
        if let Some(at) = ui.input(|input| input.pointer.any_pressed().then(|| input.pointer.press_origin()).flatten())
        {
            self.is_held = self.before.iter().any(|(_, rect)| rect.contains(at));
        }
    }

    /// Whether a slip would lie over what the hand drags.
    fn makes_way(&self, ui: &Ui, ground: Rect, metrics: Metrics) -> bool {
        let near = ground.expand(metrics.px(HAND));
        let hand = ui.input(|input| {
            let pointer = &input.pointer;
            pointer.any_down().then(|| [pointer.press_origin(), pointer.interact_pos()])
        });
        !self.is_held && hand.is_some_and(|places| places.into_iter().flatten().any(|at: Pos2| near.contains(at)))
    }

    /// Where the last frame had a slip.
    pub fn place(&self, id: Id) -> Option<Rect> {
        self.before.iter().find(|(slip, _)| *slip == id).map(|(_, rect)| *rect)
    }

    /// Whether the pointer is on a slip that the last frame had.
    pub fn is_under(&self, ui: &Ui, id: Id) -> bool {
        let at = ui.input(|input| input.pointer.hover_pos());
        self.place(id).zip(at).is_some_and(|(rect, at)| rect.contains(at))
    }
}

/// Slips one above the other, from the foot of a room.
pub struct Stack<'a> {
    slips: &'a mut Slips,
    room: Rect,
    foot: f32,
    metrics: Metrics,
}

impl<'a> Stack<'a> {
    /// In a room; what is put first lies lowest, and stays where it is when others come and go.
    pub fn new(slips: &'a mut Slips, room: Rect, metrics: Metrics) -> Self {
        let room = room.shrink(metrics.px(12.0));
        Self { slips, room, foot: room.bottom(), metrics }
    }

    /// The widest that a slip can be.
    pub fn width(&self) -> f32 {
        self.room.width().min(self.metrics.px(WIDTH))
    }

    /// What is left for the next one.
    pub fn left(&self) -> Vec2 {
        vec2(self.room.width(), self.foot - self.room.top())
    }

    /// Whether slips lie on most of the room, so that one that can wait should wait.
    pub fn is_full(&self, next: f32) -> bool {
        self.foot < self.room.bottom() && self.room.bottom() - self.foot + next > self.room.height() * MOST
    }

    /// Puts a slip on top; -> where it may be drawn, or `None` where it makes way at present.
    pub fn put(&mut self, ui: &mut Ui, id: Id, size: Vec2, edge: Color32) -> Option<Ui> {
        let ground = Rect::from_center_size(pos2(self.room.center().x, self.foot - size.y * 0.5), size);
        // Whole points: a frame between two would be blurred.
        let ground = Rect::from_min_size(ground.min.round(), size);
        self.foot = ground.top() - self.metrics.px(8.0);
        let was_there = self.slips.before.iter().any(|(slip, _)| *slip == id);
        let makes_way = self.slips.makes_way(ui, ground, self.metrics);
        let shown = ui.ctx().animate_bool_with_time(id.with("shown"), was_there && !makes_way, FADE_S);
        self.slips.now.push((id, ground));
        if makes_way {
            return None;
        }
        let mut slip = ui.new_child(UiBuilder::new().max_rect(ground).id_salt(id));
        slip.set_opacity(shown);
        // The views below feel nothing of a hand on it.
        slip.interact(ground, id.with("ground"), Sense::CLICK | Sense::DRAG);
        let painter = slip.painter();
        let shadow = Shadow { offset: [0, 3], blur: 14, spread: 0, color: Color32::from_black_alpha(150) };
        painter.add(shadow.as_shape(ground, CornerRadius::same(8)));
        painter.rect(ground, CornerRadius::same(8), theme::RAISED, Stroke::new(1.0, edge), StrokeKind::Inside);
        Some(slip)
    }
}

/// The line around a slip.
pub fn edge(tone: Tone) -> Color32 {
    if tone == Tone::Trouble { theme::WARNING } else { theme::LINE_STRONG }
}

/// What a slip with a text says, and how one answers.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    pub tone: Tone,
    /// Empty: none.
    pub title: &'a str,
    pub text: &'a str,
    pub answer: Answer<'a>,
    /// It is told of elsewhere too, and stays away while there is no room.
    pub can_wait: bool,
}

/// The button on a slip.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// It goes by itself.
    None,
    /// A word, and what it does.
    Word([&'a str; 2]),
    /// A sign, and what it does.
    Sign(Icon, &'a str),
}

/// What was done with a slip in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Nothing,
    /// It was clicked beside its button.
    Slip,
    Button,
}

/// Puts a slip with a text on a stack.
pub fn text(ui: &mut Ui, stack: &mut Stack, id: Id, said: Text) -> Answered {
    let metrics = stack.metrics;
    let (margin, indent) = (metrics.px(10.0), metrics.px(34.0));
    let button = match said.answer {
        Answer::None => 0.0,
        Answer::Word(_) => metrics.px(60.0),
        Answer::Sign(..) => metrics.px(24.0),
    };
    let beside = indent + margin + if button > 0.0 { button + margin } else { margin };
    let layout = |text: &str, font| ui.painter().layout(text.to_owned(), font, theme::TEXT, stack.width() - beside);
    let title = (!said.title.is_empty()).then(|| layout(said.title, metrics.heading()));
    let body = layout(said.text, metrics.body());
    let head = title.as_ref().map_or(0.0, |title| title.size().y + metrics.px(4.0));
    let width = title.as_ref().map_or(0.0, |title| title.size().x).max(body.size().x);
    let size = vec2(width + beside, (head + body.size().y + 2.0 * margin).max(metrics.px(38.0))).ceil();
    if said.can_wait && stack.is_full(size.y) {
        return Answered::Nothing;
    }
    let Some(slip) = stack.put(ui, id, size, edge(said.tone)) else { return Answered::Nothing };
    let ground = slip.max_rect();
    let spoken = slip.interact(ground, id, Sense::CLICK);
    spoken.widget_info(|| {
        let title = if said.title.is_empty() { String::new() } else { format!("{}. ", said.title) };
        WidgetInfo::labeled(Role::Alert, true, format!("{title}{}", said.text))
    });
    let mut at = pos2(ground.left() + indent, ground.center().y - (head + body.size().y) * 0.5);
    let first_line = title.as_ref().map_or(ground.center().y, |title| at.y + title.size().y * 0.5);
    notice::sign(&slip, pos2(ground.left() + metrics.px(18.0), first_line), metrics.px(6.5), said.tone);
    if let Some(title) = title {
        slip.painter().galley(at, title, theme::TEXT);
        at.y += head;
    }
    slip.painter().galley(at, body, theme::TEXT);
    let size = vec2(button, metrics.px(24.0));
    let middle = if said.title.is_empty() { ground.center().y } else { first_line };
    let place = Rect::from_center_size(pos2(ground.right() - margin - button * 0.5, middle), size);
    let response = match said.answer {
        Answer::None => None,
        Answer::Word(words) => Some(button::word(&slip, place, id.with("button"), words, false, metrics)),
        Answer::Sign(icon, name) => Some(button::sign(&slip, place, id.with("button"), icon, [name; 2], true)),
    };
    match response {
        Some(response) if response.clicked() => Answered::Button,
        _ if spoken.clicked() => Answered::Slip,
        _ => Answered::Nothing,
    }
}
