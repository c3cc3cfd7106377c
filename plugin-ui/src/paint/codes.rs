//! The window of Timbreloom Codes: where everything lies.

mod curve;
mod follow;
mod histogram;
mod keys;
mod map;
mod strip;
mod voices;

use egui::{Key, Rect, Ui};

use super::frame::{self, Frame, Given};
use super::theme::Metrics;
use super::{PaintContext, TWO_VIEWS_POINTS, sound, tabs};
use crate::codes::curve::CurveView;
use crate::codes::follow::FollowView;
use crate::codes::keys::KeysView;
use crate::codes::layout::{Layout, Tab};
use crate::codes::map::MapView;
use crate::codes::{CodebookView, CodesRequest, CodesStatus, Descriptor, TARGETS, param};
use crate::layout::Panel;
use crate::sound_view::SoundView;
use crate::{EngineState, ModelView, ParamBackend, Product, Repaint, Session, Status};

/// From this height of the views on there is a third one, in points.
const THREE_VIEWS_POINTS: f32 = 560.0;

/// The state of the window between frames; made when the editor opens.
#[derive(Debug, Default)]
pub struct Window {
    frame: Frame,
    views: Views,
    layout: Layout,
    /// What the bar knows a package as.
    model: ModelView,
}

/// What the views keep between frames.
#[derive(Debug, Default)]
struct Views {
    map: MapView,
    curve: CurveView,
    follow: FollowView,
    sound: SoundView,
    keys: KeysView,
}

/// What each view is given.
#[derive(Clone, Copy)]
struct Scene<'a> {
    status: &'a CodesStatus,
    book: &'a CodebookView,
    /// What the bar and the spectrogram are given.
    plugin: &'a Status,
    /// What each target wants.
    wants: [Descriptor; TARGETS],
    now_s: f64,
}

impl Window {
    /// Draws the whole window into `ui`, sends the musician's gestures to `params`, and adds to `requests` what else they
    /// ask for; GUI thread.
    ///
    /// [`crate::install_theme`] is to be called once on the context before.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        status: &CodesStatus,
        book: &CodebookView,
        session: &Session,
        params: &mut dyn ParamBackend,
        requests: &mut Vec<CodesRequest>,
    ) -> Repaint {
        let now_s = ui.input(|input| input.time);
        let mut plugin = status.plugin.clone();
        plugin.product = Product::CODES;
        if status.voices.iter().flatten().nth(1).is_some() {
            // The pitch tracker knows one voice: of a chord it tells nonsense.
            plugin.sound.iter_mut().for_each(|column| column.output_hz = None);
        }
        if self.model.generation != book.generation || self.model.name != book.name {
            self.model = ModelView { generation: book.generation, name: book.name.clone(), ..ModelView::default() };
        }
        let Self { frame, views, layout, model, .. } = self;
        let scene = &Scene { status, book, plugin: &plugin, wants: wants(params, book), now_s };
        let colours = layout.descriptor.as_deref().and_then(|name| book.named(name));
        views.update(scene, colours.unwrap_or(scene.wants[0]));
        let mut asked = Vec::new();
        let given = Given { status: &plugin, model, session, params, requests: &mut asked };
        frame.ui(ui, given, &mut Within { views, layout, scene, requests });
        requests.extend(asked.into_iter().map(CodesRequest::Session));

        let is_let_go = !ui.input(|input| input.pointer.any_down());
        let is_down = |keys: &[Key]| ui.input(|input| keys.iter().any(|&key| input.key_down(key)));
        let is_playing_key = is_down(&[Key::Enter, Key::Space]);
        let is_drawing_key = is_down(&[Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight]);
        self.views.let_go(is_let_go, is_playing_key, requests);
        self.views.curve.tell(is_let_go && !is_drawing_key, requests);
        self.repaint(status)
    }

    /// Ends every gesture and note under way; the editor calls it when the window closes.
    pub fn release(&mut self, params: &mut dyn ParamBackend, requests: &mut Vec<CodesRequest>) {
        self.frame.release(params);
        self.views.let_go(true, false, requests);
        self.views.curve.tell(true, requests);
    }

    /// How the musician has arranged the window, to be saved with the project.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Arranges the window as it was saved.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout.repaired();
    }

    fn repaint(&self, status: &CodesStatus) -> Repaint {
        let plays = status.voices.iter().any(Option::is_some) && status.plugin.state == EngineState::Ready;
        let views = &self.views;
        let moves = views.map.is_moving() || views.follow.is_moving() || self.frame.is_moving();
        let loops = status.curve_at.is_some();
        if plays || moves || loops { Repaint::EveryFrame } else { Repaint::OnChange }
    }
}

/// What is within the frame.
struct Within<'a> {
    views: &'a mut Views,
    layout: &'a mut Layout,
    scene: &'a Scene<'a>,
    requests: &'a mut Vec<CodesRequest>,
}

impl frame::Within for Within<'_> {
    fn panel(&mut self) -> &mut Option<Panel> {
        &mut self.layout.panel
    }

    fn choose(&mut self, view: usize) {
        if let Some(&tab) = Tab::ALL.get(view) {
            self.layout.show(0, tab);
        }
    }

    /// One column always, which scrolls: the views have more use for the width.
    fn fits(&self, _: f32, _: Metrics) -> bool {
        true
    }

    fn views(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PaintContext) {
        self.views.paint(ui, rect, self.layout, self.scene, cx, self.requests);
    }

    fn strip(&mut self, ui: &mut Ui, _: usize, cx: &mut PaintContext) {
        strip::paint(ui, self.layout, cx);
    }
}

/// What each target wants, by the text of its choice: the plugin offers no loudness.
fn wants(params: &dyn ParamBackend, book: &CodebookView) -> [Descriptor; TARGETS] {
    param::DESCRIPTOR.map(|id| book.named(&params.text(id, params.normalised(id))).unwrap_or_default())
}

impl Views {
    fn update(&mut self, scene: &Scene, descriptor: Descriptor) {
        self.map.update(scene.status, scene.book, descriptor, scene.now_s);
        self.curve.update(scene.status);
        self.sound.update(scene.plugin);
        self.follow.update(scene.status, scene.book.generation, scene.wants, scene.now_s);
    }

    /// Ends what is played by hand once nothing is pressed.
    fn let_go(&mut self, is_pointer_up: bool, is_playing_key: bool, requests: &mut Vec<CodesRequest>) {
        let ends = |is_by_key: bool| if is_by_key { !is_playing_key } else { is_pointer_up };
        if ends(self.map.is_by_key) {
            self.map.stop(requests);
        }
        if ends(self.keys.is_by_key) {
            self.keys.stop(requests);
        }
    }

    /// One view, or as many as there is room for, each under its tabs; beneath them voices and keys.
    fn paint(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        layout: &mut Layout,
        scene: &Scene,
        cx: &mut PaintContext,
        requests: &mut Vec<CodesRequest>,
    ) {
        let metrics = cx.metrics;
        let gap = metrics.px(8.0);
        let voices_height = voices::height(rect.width(), metrics);
        let height = voices_height + gap + (rect.height() * 0.13).clamp(metrics.px(56.0), metrics.px(96.0));
        let played = rect.with_min_y(rect.bottom() - height);
        let rect = rect.with_max_y(played.top() - gap * 0.75);
        let mut places = vec![rect];
        if ui.max_rect().width() >= TWO_VIEWS_POINTS {
            let (left, right) = rect.split_left_right_at_fraction(0.52);
            let right = right.with_min_x(right.left() + gap * 0.5);
            places = vec![left.with_max_x(left.right() - gap * 0.5), right];
            if rect.height() >= THREE_VIEWS_POINTS {
                let (upper, lower) = right.split_top_bottom_at_fraction(0.5);
                places.pop();
                places
                    .extend([upper.with_max_y(upper.bottom() - gap * 0.5), lower.with_min_y(lower.top() + gap * 0.5)]);
            }
        }
        for (place, rect) in places.into_iter().enumerate() {
            let all = Tab::ALL.map(|tab| (tab, tab.name()));
            let (view, next) = tabs::paint(ui, rect, place, all, layout.views[place], metrics);
            if let Some(tab) = next {
                layout.show(place, tab);
            }
            if layout.views[place] != Tab::Sound {
                let inner = super::plot::ground(ui, view, metrics);
                if super::plot::is_too_small(inner) || super::plot::stand_in(ui, inner, scene.plugin, cx) {
                    continue;
                }
                match layout.views[place] {
                    Tab::Map => map::paint(ui, inner, &mut self.map, layout, scene, cx, requests),
                    Tab::Curve => curve::paint(ui, inner, &mut self.curve, scene, cx),
                    Tab::Target => follow::paint(ui, inner, &self.follow, &self.map, layout, scene, cx),
                    Tab::Sound => {}
                }
            } else {
                sound::paint(ui, view, &self.sound, scene.plugin, cx);
            }
        }
        let cells = played.with_max_y(played.top() + voices_height);
        voices::paint(ui, cells, scene, metrics);
        let keyboard = played.with_min_y(cells.bottom() + gap * 0.75);
        keys::paint(ui, keyboard, &mut self.keys, layout, scene, cx, requests);
    }
}
