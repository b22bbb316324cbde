import Placement

/// A cluster in a time of its own: bridges with clocks that differ, a database that loses statements and answers, machines that
/// are killed, restarted and paused. Everything that happens comes from one seed.
struct Cluster {
    struct Settings {
        var bridges = 3
        var rooms = 3
        var seconds = 240.0
        var timing = PlacementTiming(grace: .seconds(20))
        /// Between faults, on average.
        var calm = 6.0
    }

    private struct Bridge {
        var placement: RoomPlacement
        var life = 0
        var isRunning = true
        var isPaused = false
        var reachesDatabase = true
        /// Local seconds in a second, and what its clock showed at zero.
        var rate: Double
        var offset: Double
        /// Came while it was paused.
        var inbox: [RoomPlacement.Event] = []
        var ticks = 0
        /// Rooms it serves, by its actions.
        var serves: [String: Int64] = [:]
    }

    private enum Happening {
        case tick(Int, life: Int, number: Int)
        case event(Int, life: Int, RoomPlacement.Event)
        case statement(Int, BridgeLife, RoomPlacement.Action, answered: Double)
        case fault
        case wish
    }

    let settings: Settings
    private var random: Generator
    private var now = 0.0
    private var queue = Queue<Happening>()
    private var bridges: [Bridge] = []
    private var links: Set<[Int]> = []
    private var isDatabaseUp = true
    /// Nothing goes wrong any more.
    private var isCalm = false
    private var bridgeRows: [String: BridgeRow] = [:]
    private var roomRows: [String: RoomRow] = [:]
    private(set) var violations: [String] = []
    private(set) var handovers = 0

    init(seed: UInt64, _ settings: Settings) {
        self.settings = settings
        random = Generator(state: seed)
        for index in 0..<settings.bridges {
            bridges.append(
                Bridge(
                    placement: RoomPlacement(me: Self.name(index, 0), timing: settings.timing),
                    rate: 1 + Double(index) * 0.004, offset: Double(index) * 1_000))
            queue.add(.tick(index, life: 0, number: 0), at: Double(index) / 10)
        }
        queue.add(.fault, at: 5)
        queue.add(.wish, at: 2)
    }

    private static func name(_ index: Int, _ life: Int) -> BridgeLife {
        BridgeLife(bridge: "b\(index)", life: "l\(life)")
    }
    private var rooms: [String] { (0..<settings.rooms).map { "r\($0)" } }

    /// Faults for a while, then none; every room that a row names a home of has one again, and each that somebody wants.
    mutating func run() {
        runUntil(settings.seconds)
        isDatabaseUp = true
        isCalm = true
        links = []
        for index in bridges.indices {
            bridges[index].reachesDatabase = true
            if !bridges[index].isRunning { start(index) }
            if bridges[index].isPaused { wake(index) }
        }
        runUntil(settings.seconds + settings.timing.patience.seconds + 50)
        for row in roomRows.values where row.holder != nil { expectHome(of: row.room, "after the faults") }
        // As callers do, who try again.
        for _ in 0..<3 {
            for room in rooms where roomRows[room]?.holder == nil { deliver(0, .want(room)) }
            runUntil(now + 5)
        }
        for room in rooms { expectHome(of: room, "that is wanted") }
    }

    private mutating func expectHome(of room: String, _ which: String) {
        let homes = bridges.indices.filter { bridges[$0].serves[room] != nil }
        if homes.count != 1 {
            violations.append("room \(room) \(which): homes \(homes), row \(String(describing: roomRows[room]))")
        }
    }

    private mutating func runUntil(_ end: Double) {
        while let (time, happening) = queue.next(before: end) {
            now = time
            happen(happening)
            check()
            if violations.count > 3 { return }
        }
        now = end
    }

    private mutating func check() {
        for room in rooms {
            let homes = bridges.filter { $0.isRunning && !$0.isPaused && $0.serves[room] != nil }
            if homes.count > 1 {
                violations.append("at \(now) room \(room) has homes \(homes.map(\.placement.me))")
            }
        }
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .tick(let index, let life, let number):
            guard bridges[index].life == life, bridges[index].ticks == number, !bridges[index].isPaused else { return }
            deliver(index, .tick)
        case .event(let index, let life, let event):
            guard bridges[index].life == life, bridges[index].isRunning else { return }
            bridges[index].isPaused ? bridges[index].inbox.append(event) : deliver(index, event)
        case .statement(let index, let life, let action, let answered):
            let number = Int(life.life.dropFirst()) ?? 0
            guard isDatabaseUp, bridges[index].reachesDatabase else {
                return queue.add(.event(index, life: number, .databaseGone), at: now + 1)
            }
            guard let answer = carryOut(action, of: life) else { return }
            queue.add(.event(index, life: number, answer), at: now + answered)
        case .fault:
            if now < settings.seconds - 1 {
                disturb()
                queue.add(.fault, at: now + random.unit() * settings.calm * 2)
            }
        case .wish:
            let index = random.below(bridges.count)
            let room = rooms[random.below(rooms.count)]
            if bridges[index].isRunning, !bridges[index].isPaused {
                let event: RoomPlacement.Event =
                    bridges[index].serves[room] != nil && random.below(4) == 0 ? .finish(room) : .want(room)
                if case .finish = event { bridges[index].serves[room] = nil }
                deliver(index, event)
            }
            if now < settings.seconds - 1 { queue.add(.wish, at: now + random.unit() * 4) }
        }
    }

    // MARK: Bridges

    private func clock(_ index: Int) -> Duration { .seconds(bridges[index].offset + now * bridges[index].rate) }

    private mutating func deliver(_ index: Int, _ event: RoomPlacement.Event) {
        guard bridges[index].isRunning, !bridges[index].isPaused else { return }
        for action in bridges[index].placement.handle(event, at: clock(index)) { perform(action, index) }
        guard let deadline = bridges[index].placement.deadline else { return }
        bridges[index].ticks += 1
        let due = (deadline.seconds - bridges[index].offset) / bridges[index].rate
        queue.add(
            .tick(index, life: bridges[index].life, number: bridges[index].ticks),
            at: max(now, due) + random.unit() * 0.1)
    }

    private mutating func perform(_ action: RoomPlacement.Action, _ index: Int) {
        let (life, me) = (bridges[index].life, bridges[index].placement.me)
        switch action {
        case .serve(let room, let epoch, let former):
            if former != nil, former != me { handovers += 1 }
            bridges[index].serves[room] = epoch
        case .stop(let room, _): bridges[index].serves[room] = nil
        case .elsewhere, .joined: break
        case .superseded(let other): violations.append("\(me) was superseded by \(other)")
        case .probe(let target): probe(target, from: index)
        case .renew, .register, .take, .release, .leave:
            // Mostly quick; now and then one is under way for long, and is carried out when nobody expects it any more.
            let late = !isCalm && random.below(60) == 0
            let there = late ? random.unit() * 30 : 0.001 + random.unit() * 0.02
            let back = !isCalm && random.below(60) == 0 ? random.unit() * 15 : 0.001 + random.unit() * 0.02
            queue.add(.statement(index, me, action, answered: back), at: now + there)
            let isLost = there + back > 3 || !isDatabaseUp || !bridges[index].reachesDatabase
            if isLost { queue.add(.event(index, life: life, .databaseGone), at: now + 3) }
        }
    }

    private mutating func probe(_ target: BridgeLife, from index: Int) {
        let other = Int(target.bridge.dropFirst()) ?? 0
        var verdict = RoomPlacement.ProbeVerdict.silent
        var after = 1.0
        if other == index || !links.contains([min(index, other), max(index, other)]) {
            if !bridges[other].isRunning || (!bridges[other].isPaused && bridges[other].placement.me != target) {
                (verdict, after) = (.dead, 0.01)
            } else if !bridges[other].isPaused {
                (verdict, after) = (.alive, 0.01)
            }
        }
        queue.add(.event(index, life: bridges[index].life, .probed(target, verdict)), at: now + after)
    }

    private mutating func start(_ index: Int) {
        bridges[index].life += 1
        bridges[index].isRunning = true
        bridges[index].isPaused = false
        bridges[index].serves = [:]
        bridges[index].inbox = []
        bridges[index].placement = RoomPlacement(me: Self.name(index, bridges[index].life), timing: settings.timing)
        deliver(index, .tick)
    }

    private mutating func wake(_ index: Int) {
        bridges[index].isPaused = false
        deliver(index, .tick)
        let waiting = bridges[index].inbox
        bridges[index].inbox = []
        for event in waiting { deliver(index, event) }
    }

    private mutating func disturb() {
        let index = random.below(bridges.count)
        switch random.below(10) {
        case 0: isDatabaseUp = false
        case 1, 2: isDatabaseUp = true
        case 3: bridges[index].reachesDatabase.toggle()
        case 4:
            let other = random.below(bridges.count)
            if other != index { links.formSymmetricDifference([[min(index, other), max(index, other)]]) }
        case 5, 6:
            if bridges[index].isRunning {
                (bridges[index].isRunning, bridges[index].isPaused) = (false, false)
                bridges[index].serves = [:]
            } else {
                start(index)
            }
        case 7, 8:
            guard bridges[index].isRunning else { return }
            if bridges[index].isPaused { wake(index) } else { bridges[index].isPaused = true }
        default:
            guard bridges[index].isRunning, !bridges[index].isPaused else { return }
            // Stopped in order.
            deliver(index, .leave)
            (bridges[index].isRunning, bridges[index].serves) = (false, [:])
        }
    }

    // MARK: The database

    private mutating func carryOut(_ action: RoomPlacement.Action, of me: BridgeLife) -> RoomPlacement.Event? {
        switch action {
        case .renew(let number, let suspects):
            if let row = bridgeRows[me.bridge], row.life == me, !row.hasLeft {
                bridgeRows[me.bridge] = BridgeRow(life: me, renewals: row.renewals + 1)
            }
            let seen = roomRows.filter { _, row in
                guard let holder = row.holder else { return false }
                let bridge = bridgeRows[holder.bridge]
                return holder.bridge == me.bridge || suspects.contains(holder.bridge) || bridge?.life != holder
                    || bridge?.hasLeft == true
            }
            return .renewed(number, DatabaseView(bridges: bridgeRows, rooms: seen))
        case .register(let seen, let unrenewed):
            guard bridgeRows[me.bridge]?.life == seen?.life,
                unrenewed == nil || bridgeRows[me.bridge]?.renewals == unrenewed
            else { return .registered(false) }
            bridgeRows[me.bridge] = BridgeRow(life: me, renewals: (seen?.renewals ?? 0) + 1)
            return .registered(true)
        case .take(let taking):
            let row = roomRows[taking.room]
            var isFree = row == taking.seen
            if taking.seen == nil { isFree = row?.holder == nil }
            if let unrenewed = taking.unrenewed, let holder = taking.seen?.holder {
                isFree = isFree && bridgeRows[holder.bridge]?.renewals == unrenewed
            }
            guard isFree, bridgeRows[me.bridge]?.life == me else { return .notTaken(taking, row) }
            let epoch = (row?.epoch ?? 0) + 1
            roomRows[taking.room] = RoomRow(room: taking.room, holder: me, epoch: epoch)
            return .taken(taking, epoch: epoch)
        case .release(let room, let epoch):
            if let row = roomRows[room], row.holder == me, row.epoch == epoch {
                roomRows[room] = RoomRow(room: room, holder: nil, epoch: epoch)
            }
            return .released(room, epoch: epoch)
        case .leave:
            if let row = bridgeRows[me.bridge], row.life == me {
                bridgeRows[me.bridge] = BridgeRow(life: me, renewals: row.renewals, hasLeft: true)
            }
            return nil
        case .probe, .serve, .stop, .elsewhere, .joined, .superseded: return nil
        }
    }
}

/// What is due when, the first first; a heap.
struct Queue<Element> {
    private var heap: [(time: Double, number: Int, element: Element)] = []
    private var count = 0

    mutating func add(_ element: Element, at time: Double) {
        count += 1
        heap.append((time, count, element))
        var index = heap.count - 1
        while index > 0, isBefore(index, (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func next(before end: Double) -> (Double, Element)? {
        guard let first = heap.first, first.time < end else { return nil }
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var index = 0
        while true {
            let below = [2 * index + 1, 2 * index + 2].filter { $0 < heap.count }
            guard let least = below.min(by: isBefore), isBefore(least, index) else { break }
            heap.swapAt(least, index)
            index = least
        }
        return (first.time, first.element)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
    }
}

struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
