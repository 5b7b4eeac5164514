import Locking

/// Which tenants are counted one by one: the first that are answered anything.
///
/// A tenant that is deleted keeps its place until the process ends.
package final class TenantPlaces: Sendable {
    /// Tenants with a place of their own; all others share one.
    package static let listedMax = 64

    /// The places of nobody, and of all tenants without one of their own.
    static let nobody = 0
    static let others = 1
    static let firstListed = 2

    private let numbers = Locked<[UInt32]>([])

    init() {}

    /// The place of a tenant by its number, which takes a free one; 0 is nobody's number.
    func place(of number: UInt32) -> Int {
        guard number != 0 else { return Self.nobody }
        return numbers.withLock { numbers in
            if let index = numbers.firstIndex(of: number) { return Self.firstListed + index }
            guard numbers.count < Self.listedMax else { return Self.others }
            numbers.append(number)
            return Self.firstListed + numbers.count - 1
        }
    }

    /// The numbers of the tenants with a place of their own, by place.
    var listed: [UInt32] { numbers.withLock { $0 } }
}
