//! The view of latent paths: slots, lanes, the curve editor, the steps, and how a path is played.

use egui::{Rect, Ui};

use super::PaintContext;
use crate::paths::editor::PathsEditor;
use crate::{ModelView, Status};

/// Draws the view into the whole of `rect`.
pub fn paint(
    _ui: &mut Ui,
    _rect: Rect,
    _editor: &mut PathsEditor,
    _status: &Status,
    _model: &ModelView,
    _cx: &mut PaintContext,
) {
}
