/// Why a measurement could not be made, or does not count.
package enum LoadError: Error, CustomStringConvertible {
    case socket(errno: Int32)
    case noPicture(sinks: Int)
    case protection(String)
    case wrongContent(String)
    case noAllocationsCounted

    package var description: String {
        switch self {
        case .socket(let errno): "a socket of the load generator failed: errno \(errno)"
        case .noPicture(let sinks): "\(sinks) receivers were sent no picture"
        case .protection(let status): "a packet of the load generator came out \(status)"
        case .wrongContent(let what): "what came back is wrong: \(what)"
        case .noAllocationsCounted: "the allocation counter does not see the worker's allocations"
        }
    }
}
