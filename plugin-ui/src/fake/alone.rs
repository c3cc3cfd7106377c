//! One view without the window around it, for tests and pictures.

use egui::{Rect, Ui};

use crate::control::Controls;
use crate::feedback::FeedbackView;
use crate::lanes::LanesView;
use crate::latent::LatentView;
use crate::paint::{PaintContext, theme::Metrics};
use crate::sound_view::SoundView;
use crate::{ModelView, ParamBackend, Status, paint};

/// Which view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named as in the window")]
pub enum View {
    Latent,
    Lanes,
    Sound,
    Feedback,
}

/// All four views and what they need between frames.
#[derive(Debug, Default)]
pub struct Alone {
    controls: Controls,
    latent: LatentView,
    lanes: LanesView,
    sound: SoundView,
    feedback: FeedbackView,
    /// The stage of the model that plays: `pitched` or `general`.
    pub stage: &'static str,
}

impl Alone {
    /// Draws a view into the whole of `ui`, as a window of its size would, and tells whether it moves by itself.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        view: View,
        status: &Status,
        model: &ModelView,
        params: &mut dyn ParamBackend,
    ) -> bool {
        let now_s = ui.input(|input| input.time);
        let rect: Rect = ui.max_rect();
        let around = egui::vec2(300.0, 90.0);
        paint::note_hand(ui);
        self.controls.note_wheel(paint::wheel_notches(ui) != 0.0, now_s);
        ui.painter().rect_filled(rect, 0.0, paint::theme::BACKGROUND);
        let metrics = Metrics::for_size(rect.size() + around);
        let (session, mut requests) = (crate::Session::default(), Vec::new());
        let cx = &mut PaintContext {
            controls: &mut self.controls,
            params,
            session: &session,
            requests: &mut requests,
            product: crate::Product::EFFECT,
            metrics,
        };
        let is_moving = match view {
            View::Latent => {
                self.latent.update(status, model, now_s);
                paint::latent::paint(ui, rect, &mut self.latent, status, model, cx);
                self.latent.is_moving()
            }
            View::Lanes => {
                self.lanes.update(status, model, now_s);
                paint::lanes::paint(ui, rect, &mut self.lanes, status, model, cx);
                self.lanes.is_moving()
            }
            View::Sound => {
                self.sound.update(status, model, now_s);
                paint::sound::paint(ui, rect, &mut self.sound, status, cx);
                self.sound.is_moving()
            }
            View::Feedback => {
                self.feedback.take_stage(self.stage);
                self.feedback.update(status, model, now_s);
                paint::feedback::paint(ui, rect, &mut self.feedback, status, cx);
                self.feedback.is_moving()
            }
        };
        if !ui.input(|input| input.pointer.any_down()) {
            self.controls.end_drag(params);
            self.latent.bias.end(params);
            self.feedback.handle.end(params);
        }
        is_moving
    }
}
