//! The view of the plane: corners, markers, the place that is heard, and its trail.

use egui::{Rect, Ui};

use super::PaintContext;
use crate::Status;
use crate::paths::plane_editor::PlaneEditor;

/// Draws the view into the whole of `rect`.
pub fn paint(_ui: &mut Ui, _rect: Rect, _editor: &mut PlaneEditor, _status: &Status, _cx: &mut PaintContext) {}
