//! Colours, sizes and fonts: dark, quiet, one accent for what the model makes.

use egui::{Color32, Context, CornerRadius, FontId, RichText, Stroke, Style, Theme, Vec2, Visuals};

pub const BACKGROUND: Color32 = Color32::from_rgb(0x10, 0x12, 0x16);
pub const PANEL: Color32 = Color32::from_rgb(0x18, 0x1b, 0x21);
/// Rails, dials and fields: raised from a panel.
pub const RAISED: Color32 = Color32::from_rgb(0x25, 0x2a, 0x33);
pub const RAISED_HOVER: Color32 = Color32::from_rgb(0x2f, 0x35, 0x40);
/// Fine lines that carry no meaning of their own.
pub const LINE: Color32 = Color32::from_rgb(0x2c, 0x32, 0x3c);
/// Lines that have to be seen: empty arcs, the axes.
pub const LINE_STRONG: Color32 = Color32::from_rgb(0x6b, 0x75, 0x86);
pub const TEXT: Color32 = Color32::from_rgb(0xec, 0xef, 0xf4);
pub const TEXT_QUIET: Color32 = Color32::from_rgb(0xa9, 0xb1, 0xbe);
/// Words and values of a control that has no effect at present.
pub const IDLE: Color32 = Color32::from_rgb(0x90, 0x99, 0xa8);
/// The range of the training sound in a lane.
pub const RANGE: Color32 = Color32::from_rgb(0x38, 0x40, 0x4d);
/// What the model makes: wet and latent.
pub const ACCENT: Color32 = Color32::from_rgb(0x5c, 0xdc, 0xc6);
pub const ACCENT_DIM: Color32 = Color32::from_rgb(0x2a, 0x74, 0x6c);
/// Values that are not the model's: gains and their kin.
pub const NEUTRAL: Color32 = Color32::from_rgb(0xc6, 0xcd, 0xd8);
pub const WARNING: Color32 = Color32::from_rgb(0xff, 0xb8, 0x5c);
/// What is being recorded.
pub const RECORD: Color32 = Color32::from_rgb(0xff, 0x74, 0x74);
pub const FOCUS: Color32 = Color32::from_rgb(0xff, 0xff, 0xff);
/// The points of the training sound.
pub const CLOUD: Color32 = Color32::from_rgb(0x62, 0x6d, 0x80);

/// How much of a window's growth goes into larger type: at 1920 by 1080 the whole strip is seen without scrolling.
const GROWTH: f32 = 0.42;

/// The size of everything, from the window's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    scale: f32,
}

impl Metrics {
    /// Grows with the window from a middle size on, more slowly than it does, so that a large one shows more; text never
    /// gets smaller than can be read.
    pub fn for_size(size: Vec2) -> Self {
        let share = (size.x / 1100.0).min(size.y / 680.0);
        let grown = if share > 1.0 { 1.0 + (share - 1.0) * GROWTH } else { share };
        Self { scale: grown.clamp(0.92, 1.7) }
    }

    /// A length, in whole points.
    pub fn px(self, length: f32) -> f32 {
        (length * self.scale).round()
    }

    /// A length that may fall between points: the size of dots and strokes.
    pub fn fine(self, length: f32) -> f32 {
        length * self.scale
    }

    /// The model's name.
    pub fn title(self) -> FontId {
        FontId::proportional(self.px(22.0))
    }

    /// Headings.
    pub fn heading(self) -> FontId {
        FontId::proportional(self.px(15.0))
    }

    /// Sentences and values.
    pub fn body(self) -> FontId {
        FontId::proportional(self.px(13.0))
    }

    /// Labels and ticks.
    pub fn small(self) -> FontId {
        FontId::proportional(self.px(12.0))
    }
}

/// How much of the text's colour the thumb of a scroll bar has.
const THUMB_OPACITY: f32 = 0.5;

/// Sets the theme on a context: once, when the editor's window is built. Ctrl with plus, minus and 0, by which egui would change
/// the window's size, stay the host's.
pub fn install(ctx: &Context) {
    ctx.set_theme(Theme::Dark);
    ctx.all_styles_mut(apply);
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// Gives egui's own widgets in `ui` the window's sizes.
pub fn scale(ui: &mut egui::Ui, metrics: Metrics) {
    use egui::TextStyle::{Body, Button, Heading, Monospace, Small};
    let style = ui.style_mut();
    let mono = FontId::monospace(metrics.px(12.0));
    style.text_styles = [
        (Heading, metrics.heading()),
        (Body, metrics.body()),
        (Button, metrics.body()),
        (Small, metrics.small()),
        (Monospace, mono),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = egui::vec2(metrics.px(6.0), metrics.px(6.0));
    spacing.button_padding = egui::vec2(metrics.px(8.0), metrics.px(3.0));
    spacing.interact_size.y = metrics.px(24.0);
    (spacing.icon_width, spacing.icon_width_inner) = (metrics.px(16.0), metrics.px(9.0));
}

/// Words that may be passed over.
pub fn quiet(text: impl Into<String>) -> RichText {
    RichText::new(text).color(TEXT_QUIET)
}

fn apply(style: &mut Style) {
    let mut visuals = Visuals::dark();
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = PANEL;
    visuals.extreme_bg_color = BACKGROUND;
    visuals.override_text_color = Some(TEXT);
    visuals.selection.bg_fill = ACCENT_DIM;
    visuals.selection.stroke = Stroke::new(1.0, TEXT);
    let widgets = &mut visuals.widgets;
    for (widget, fill, ink) in [
        (&mut widgets.noninteractive, PANEL, TEXT),
        (&mut widgets.inactive, RAISED, TEXT),
        (&mut widgets.hovered, RAISED_HOVER, TEXT),
        (&mut widgets.active, RAISED_HOVER, TEXT),
        (&mut widgets.open, RAISED_HOVER, TEXT),
    ] {
        widget.corner_radius = CornerRadius::same(4);
        (widget.bg_fill, widget.weak_bg_fill) = (fill, fill);
        widget.fg_stroke = Stroke::new(1.0, ink);
        widget.bg_stroke = Stroke::NONE;
        widget.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, LINE);
    widgets.inactive.bg_stroke = Stroke::new(1.0, LINE_STRONG);
    widgets.hovered.bg_stroke = Stroke::new(1.0, TEXT_QUIET);
    // egui draws what has the keyboard as active: this is the focus ring of its own widgets.
    widgets.active.bg_stroke = Stroke::new(2.0, FOCUS);
    // The frame of a text field that has the keyboard.
    visuals.selection.stroke = Stroke::new(2.0, FOCUS);
    // What cannot be pressed now has to be read all the same.
    visuals.disabled_alpha = 0.75;
    visuals.window_stroke = Stroke::new(1.0, LINE_STRONG);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.text_edit_bg_color = Some(BACKGROUND);
    style.visuals = visuals;
    style.spacing.scroll = egui::style::ScrollStyle {
        // Wide and light enough to be seen where a list goes on.
        floating_width: 7.0,
        floating_allocated_width: 10.0,
        foreground_color: true,
        dormant_handle_opacity: THUMB_OPACITY,
        active_handle_opacity: THUMB_OPACITY,
        interact_handle_opacity: 0.8,
        // egui's own fade needs a ground that it knows; see [`super::fade`].
        fade: egui::style::ScrollFadeStyle { strength: 0.0, size: 0.0 },
        ..egui::style::ScrollStyle::thin()
    };
    style.interaction.selectable_labels = false;
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::palette;

    /// The contrast of two colours by WCAG 2.
    pub fn contrast(one: Color32, two: Color32) -> f32 {
        let [one, two] = [one, two].map(|colour| palette::tests::luminance([colour.r(), colour.g(), colour.b()]));
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for text in [TEXT, TEXT_QUIET, ACCENT, NEUTRAL, WARNING, RECORD] {
            for ground in [BACKGROUND, PANEL, RAISED, RAISED_HOVER] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
        }
        for ground in [BACKGROUND, PANEL, RAISED] {
            assert!(contrast(IDLE, ground) >= 4.5, "{ground:?}: {}", contrast(IDLE, ground));
        }
        assert!(contrast(TEXT, ACCENT_DIM) >= 4.5);
        assert!(contrast(BACKGROUND, ACCENT) >= 4.5);
    }

    #[test]
    fn shapes_that_carry_meaning_stand_out() {
        for shape in [LINE_STRONG, CLOUD, ACCENT_DIM] {
            assert!(contrast(shape, PANEL) >= 3.0, "{shape:?}: {}", contrast(shape, PANEL));
        }
        let thumb = BACKGROUND.lerp_to_gamma(TEXT, THUMB_OPACITY);
        assert!(contrast(thumb, BACKGROUND) >= 3.0 && contrast(thumb, PANEL) >= 3.0);
        assert!(contrast(RANGE, BACKGROUND) >= 1.6, "{}", contrast(RANGE, BACKGROUND));
        let [red, green, blue] = palette::colour(crate::codes::histogram::LEAST_TINT);
        let darkest_code = Color32::from_rgb(red, green, blue);
        assert!(contrast(darkest_code, BACKGROUND) >= 3.0, "{}", contrast(darkest_code, BACKGROUND));
    }

    #[test]
    fn sizes_follow_the_window_within_limits() {
        let px = |w, h| Metrics::for_size(Vec2::new(w, h)).px(100.0);
        assert_eq!([px(800.0, 500.0), px(1100.0, 680.0), px(1920.0, 1080.0)], [92.0, 100.0, 125.0]);
        assert_eq!(px(5120.0, 2880.0), 170.0);
    }
}
