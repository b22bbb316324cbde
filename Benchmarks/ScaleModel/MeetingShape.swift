import BenchSupport

/// A meeting as the model has it.
struct MeetingShape: Sendable, Equatable {
    /// Of each point that sends a picture, its bits a second.
    var cameras: [Double]
    /// Points without one.
    var telephones: Int
    /// Those that get a smaller picture, for their lines are narrow.
    var narrow: Int
    var isRecorded: Bool
    /// Bits a second; 0 where nobody presents.
    var slides: Double
    /// Each point's sound is mixed; otherwise there is none, as in a benchmark of pictures.
    var isMixed = true

    var points: Int { cameras.count + telephones }

    /// What the meeting asks of a bridge while all of its points are in it.
    func demand(_ costs: Costs) -> Demand {
        var demand = Demand()
        demand.legs = Double(points)
        let main = cameras.max() ?? 0
        // Pictures go out as they came, never made anew; those with narrow lines get one that was.
        let wide = Double(cameras.count - min(narrow, cameras.count))
        let small = min(main, 300_000)
        let pictureBitsIn = cameras.reduce(0, +) + slides
        // Who is shown does not see itself but somebody else.
        let pictureBitsOut = wide * (main + slides) + Double(cameras.count) * small - wide * small
        let pictureIn = Wire.packets(ofBits: pictureBitsIn)
        let pictureOut = Wire.packets(ofBits: pictureBitsOut)
        let sound = isMixed ? Double(points) * Wire.soundPackets : 0
        demand.packetsIn = pictureIn + sound
        demand.packetsOut = pictureOut + sound
        demand.bitsIn =
            Wire.bits(packets: pictureIn, payload: Wire.picturePayload)
            + Wire.bits(packets: sound, payload: Wire.soundPayload)
        demand.bitsOut =
            Wire.bits(packets: pictureOut, payload: Wire.picturePayload)
            + Wire.bits(packets: sound, payload: Wire.soundPayload)
        if isMixed { demand.soundCores = (costs.mixing.room + costs.mixing.point * Double(points)) / 1_000 }
        demand.pictureCores = (pictureIn * costs.picture.coming + pictureOut * costs.picture.leaving) / 1e9
        if narrow > 0 { demand.pictureCores += costs.rendition.value / 1_000 }
        if isRecorded {
            let payload = pictureBitsIn / 8 + sound * Double(Wire.soundPayload)
            demand.recordedOctets = payload * Recording.octets
            demand.recordingCores = Recording.milliseconds / 1e3 + demand.packetsIn * Recording.nanoseconds / 1e9
        }
        return demand
    }

    /// Of a film of it, tiles that it shows.
    var tiles: Int { max(1, points) }

    static func random(_ day: ProvinceDay, using random: inout SeededRandom) -> MeetingShape {
        let kind = ProvinceDay.pick(day.kinds, by: { $0.share }, using: &random)
        let points = Int.random(in: kind.points, using: &random)
        var shape = MeetingShape(cameras: [], telephones: 0, narrow: 0, isRecorded: false, slides: 0)
        for _ in 0..<points {
            let device = ProvinceDay.pick(day.devices, by: { $0.share }, using: &random)
            if device.picture == 0 {
                shape.telephones += 1
            } else {
                shape.cameras.append(device.picture)
                if device.picture <= 300_000 { shape.narrow += 1 }
            }
        }
        shape.isRecorded = Double.random(in: 0..<1, using: &random) < day.recordedShare
        // Half of the time, and so half of the rate over all of it.
        if Double.random(in: 0..<1, using: &random) < day.slidesShare { shape.slides = day.slidesBits / 2 }
        return shape
    }
}

/// What something asks of the bridge at a moment.
struct Demand: Equatable, Sendable {
    var legs = 0.0
    /// Packets a second.
    var packetsIn = 0.0
    var packetsOut = 0.0
    /// On the wire, a second.
    var bitsIn = 0.0
    var bitsOut = 0.0
    /// Cores, one being all of one for all of the time.
    var soundCores = 0.0
    var pictureCores = 0.0
    var recordingCores = 0.0
    /// To disk, a second.
    var recordedOctets = 0.0

    var mediaCores: Double { soundCores + pictureCores + recordingCores }
}
