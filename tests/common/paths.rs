//! Latent paths as a musician leaves them in a project.

use timbreloom::controls::Controls;
use timbreloom::latent::{Axes, Axis, Chain, LatentPath, Marker, Operator, PathSet, Plane, Source, Step, WalkPoint};
use timbreloom::model::kinds::Package;
use timbreloom::model::loader;
use timbreloom::model::provider::ProviderChoice;
use timbreloom::model::request::ModelRequest;
use timbreloom::offline::latent_path;

use super::package::shipped;
use super::plugin::RATE_HZ;
use super::sounds::sung;

/// What *cello* hears in a sung second, as it was recorded and bent in two ways, and all that a plane may have around it.
pub fn paths() -> PathSet {
    let package = Package::open(&shipped("cello")).unwrap();
    let request = ModelRequest { name: package.name().to_owned(), hash: package.hash().to_owned() };
    let mut model = loader::load(&package, &ProviderChoice::CPU).unwrap();
    let sound = sung(RATE_HZ as usize).swap_remove(0);
    let path = latent_path::encode(&sound, RATE_HZ as u32, model.as_mut(), request, &Controls::default()).unwrap();
    let step = |operator, axes, range_s| Step { range_s, ..Step::new(operator, axes) };
    let drawn = Chain(vec![
        step(Operator::Draw { points: vec![(0.1, -1.5), (0.4, 2.0), (0.8, 0.0)] }, Axes::one(Axis::Latent(0)), None),
        step(Operator::Random { spread: 0.4, seed: 5 }, Axes::LATENT, Some((0.3, 0.7))),
        step(Operator::Bias { by: -5.0 }, Axes::one(Axis::Pitch), None),
    ]);
    let stretched = Chain(vec![
        step(Operator::Reverse, Axes::ALL, None),
        step(Operator::Stretch { by: 1.7 }, Axes::ALL, None),
        step(Operator::CrossFade { time_s: 0.2 }, Axes::ALL, None),
    ]);
    let moment = |n: usize| Source::Snapshot(Box::new(LatentPath { hops: vec![path.hops[n]], ..path.emptied() }));
    let marker = |x, y, source| Marker { place: [x, y], source };
    let plane = Plane {
        corners: [Some(Source::Slot(0)), Some(moment(40)), Some(Source::Random(3)), Some(Source::Slot(2))],
        markers: vec![
            marker(0.2, 0.2, Source::Slot(1)),
            marker(0.8, 0.3, moment(60)),
            marker(0.5, 0.9, Source::Slot(0)),
            marker(0.4, 0.5, Source::Random(11)),
        ],
        walk: [(0.0, 0.1, 0.1), (0.3, 0.9, 0.2), (0.55, 0.5, 0.95), (0.9, 0.1, 0.4)]
            .map(|(time_s, x, y)| WalkPoint { time_s, place: [x, y] })
            .to_vec(),
    };
    let set = PathSet::default().with_path(0, "as it came", &path, &Chain::default()).unwrap();
    let set = set.with_path(1, "drawn", &path, &drawn).unwrap().with_path(2, "stretched", &path, &stretched).unwrap();
    set.with_plane(&plane)
}
