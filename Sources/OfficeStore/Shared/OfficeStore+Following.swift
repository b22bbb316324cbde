import Foundation
import Office
import SQLDatabase
import Synchronization

/// What this bridge has in memory of the store, and the state as of which it has it. Only ever brought forward.
struct KnownOffice: Sendable {
    var register: OfficeRegister
    /// Of the journal's end: kept when the store says something else, for then somebody took lines away.
    var tip: JournalTip
    /// How many changes of the register are in `register`.
    var registerChanges: Int64
    /// How many changes the observers heard of.
    var told: [SharedState.Change: Int64]

    init(_ register: OfficeRegister, _ state: SharedState) {
        self.register = register
        tip = state.tip
        registerChanges = state[.register]
        told = [.office: state[.office], .papers: state[.papers]]
    }

    mutating func take(_ register: OfficeRegister, changes: Int64) {
        guard changes > registerChanges else { return }
        self.register = register
        registerChanges = changes
    }

    mutating func take(_ tip: JournalTip) {
        if tip.number > self.tip.number { self.tip = tip }
    }

    /// - Returns: whether the observers are to hear of it.
    mutating func tell(_ change: SharedState.Change, _ count: Int64) -> Bool {
        guard count > told[change] ?? 0 else { return false }
        told[change] = count
        return true
    }
}

extension OfficeStore {
    /// Whether other bridges may change what is in it.
    public var isShared: Bool {
        if case .shared = place { true } else { false }
    }

    /// Takes in what other bridges did since this one looked last: the register in force, the journal's end; and tells the observers.
    /// To be called each second or so of a store that is shared. What a look misses, as the database cannot be reached, the next one
    /// that succeeds finds.
    /// - Returns: whether observers were told.
    @discardableResult
    public func follow() async throws(OfficeStoreError) -> Bool {
        let before = known.withLock { $0 }
        let (state, register, tip) = try await read { db in
            let state = try SharedState(db)
            let register = state[.register] == before.registerChanges ? nil : try Self.registerInForce(db)
            let holds = try JournalChain.holds(before.tip, at: state.tip, isShared: true, db)
            return (state, register, holds ? state.tip : before.tip)
        }
        let (isOffice, isPapers) = known.withLock { known in
            if let register { known.take(register, changes: state[.register]) }
            known.take(tip)
            return (known.tell(.office, state[.office]), known.tell(.papers, state[.papers]))
        }
        if isOffice { tell(.office) }
        if isPapers { tell(.papers) }
        return isOffice || isPapers
    }
}
