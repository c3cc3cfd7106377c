//! The window of Timbreloom Drums: where everything lies.

mod beat;
mod cells;
mod grains;
mod grid;
mod head;
mod ink;
mod kinds;
mod light;
mod menus;
mod number;
mod pad;
mod patterns;
mod rail;
mod sign;
mod step;
mod strip;
mod walk_tools;
mod wave;

use egui::{Key, Rect, Ui};

use super::frame::{self, Frame, Given};
use super::theme::Metrics;
use super::{PaintContext, tabs};
use crate::drums::beat::BeatView;
use crate::drums::grains::GrainsView;
use crate::drums::layout::{Layout, Tab};
use crate::drums::{DrumsRequest, DrumsStatus, HitState, KitView, TRACKS};
use crate::layout::Panel;
use crate::meter::Meter;
use crate::pair::Grip;
use crate::{EngineState, ModelView, ParamBackend, Product, Repaint, Session, Status};

/// Keys that change a value as long as they are down.
const HOLDING: [Key; 9] = [
    Key::ArrowUp,
    Key::ArrowDown,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::Plus,
    Key::Equals,
    Key::Minus,
    Key::Comma,
    Key::Period,
];

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
    beat: BeatView,
    grains: GrainsView,
    meters: [Meter; TRACKS],
    pad: Grip<pad::Pad>,
}

/// What each view is given.
#[derive(Clone, Copy)]
struct Scene<'a> {
    status: &'a DrumsStatus,
    kit: &'a KitView,
    /// What the bar is given.
    plugin: &'a Status,
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
        status: &DrumsStatus,
        kit: &KitView,
        session: &Session,
        params: &mut dyn ParamBackend,
        requests: &mut Vec<DrumsRequest>,
    ) -> Repaint {
        let now_s = ui.input(|input| input.time);
        let mut plugin = status.plugin.clone();
        plugin.product = Product::DRUMS;
        if self.model.generation != kit.generation || self.model.name != kit.name {
            self.model = ModelView { generation: kit.generation, name: kit.name.clone(), ..ModelView::default() };
        }
        let Self { frame, views, layout, model } = self;
        let scene = &Scene { status, kit, plugin: &plugin, now_s };
        views.update(scene, params, layout.is_following);
        let mut asked = Vec::new();
        let given = Given { status: &plugin, model, session, params, requests: &mut asked };
        frame.ui(ui, given, &mut Within { views, layout, scene, requests });
        requests.extend(asked.into_iter().map(DrumsRequest::Session));
        layout.track = views.beat.cursor().track;

        let is_let_go = ui.input(|input| {
            let is_down = HOLDING.iter().any(|&key| input.key_down(key));
            !input.pointer.any_down() && !is_down
        });
        if !ui.input(|input| input.pointer.any_down()) {
            views.beat.let_go();
            views.grains.let_go();
            views.pad.end(params);
        }
        views.beat.tell(is_let_go, now_s, requests);
        views.grains.tell(is_let_go, requests);
        self.repaint(status)
    }

    /// Ends every gesture under way; the editor calls it when the window closes.
    pub fn release(&mut self, params: &mut dyn ParamBackend, requests: &mut Vec<DrumsRequest>) {
        self.frame.release(params);
        self.views.pad.end(params);
        self.views.beat.let_go();
        self.views.beat.tell(true, f64::INFINITY, requests);
        self.views.grains.let_go();
        self.views.grains.tell(true, requests);
    }

    /// How the musician has arranged the window, to be saved with the project.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Arranges the window as it was saved.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout.repaired();
        self.views.beat.select_track(self.layout.track);
    }

    fn repaint(&self, status: &DrumsStatus) -> Repaint {
        let is_ready = status.plugin.state == EngineState::Ready;
        let plays = (status.playing.is_some() || status.walk_at.is_some()) && is_ready;
        let renders = status.tracks.iter().any(|track| track.hit == HitState::Rendering);
        let views = &self.views;
        let moves = views.beat.is_held() || views.meters.iter().any(Meter::is_moving) || self.frame.is_moving();
        if plays || renders || moves { Repaint::EveryFrame } else { Repaint::OnChange }
    }
}

/// What is within the frame.
struct Within<'a> {
    views: &'a mut Views,
    layout: &'a mut Layout,
    scene: &'a Scene<'a>,
    requests: &'a mut Vec<DrumsRequest>,
}

impl frame::Within for Within<'_> {
    fn panel(&mut self) -> &mut Option<Panel> {
        &mut self.layout.panel
    }

    fn choose(&mut self, view: usize) {
        if let Some(&tab) = Tab::ALL.get(view) {
            self.layout.tab = tab;
        }
    }

    /// One column always, which scrolls: the grid has more use for the width.
    fn fits(&self, _: f32, _: Metrics) -> bool {
        true
    }

    fn views(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PaintContext) {
        let all = Tab::ALL.map(|tab| (tab, tab.name()));
        let (view, next) = tabs::paint(ui, rect, 0, all, self.layout.tab, cx.metrics);
        if let Some(tab) = next {
            self.layout.tab = tab;
        }
        match self.layout.tab {
            Tab::Beat => beat::paint(ui, view, self.views, self.layout, self.scene, cx, self.requests),
            Tab::Grains => grains::paint(ui, view, &mut self.views.grains, self.scene, cx, self.requests),
        }
    }

    fn strip(&mut self, ui: &mut Ui, _: usize, cx: &mut PaintContext) {
        strip::paint(ui, self.views, self.layout, self.scene, cx, self.requests);
    }
}

impl Views {
    fn update(&mut self, scene: &Scene, params: &dyn ParamBackend, is_following: bool) {
        self.beat.update(scene.status, params, is_following);
        self.grains.update(scene.status, scene.kit);
        for (meter, track) in self.meters.iter_mut().zip(&scene.status.tracks) {
            meter.update(track.level_db, scene.now_s);
        }
    }
}
