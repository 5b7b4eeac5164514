import Directory
import SCIM
import Storage
import Tenancy

// A page by index that begins far into a list is found by what is counted, and not by walking there.

extension QueryRun {
    /// So few resources before a page are stepped over.
    private static let steppedOverMax = 256
    /// What a look at a counting row costs.
    private static let lookCost = 25

    /// Goes over as many resources of the part as are known to lie before the page, so that few are left to be stepped over.
    ///
    /// Counts only parts that match as a whole. Where no tally is right, as in a store that is to be mended, nothing is gone
    /// over, and the page is found by walking.
    /// - Returns: whether the whole part lies before the page.
    mutating func skip(_ before: Int, _ snapshot: borrowing Snapshot) throws(DirectoryError) -> Bool {
        let missing = before - matched
        guard lastID == nil, missing > Self.steppedOverMax else { return false }
        let total: Int = try snapshot.counter(Keys.count(query.tenant, part.kind.code))
        guard missing < total else {
            matched += total
            return true
        }
        let tally = Keys.tally(query.tenant, part.kind.code)
        do throws(StoreError) {
            let found = try snapshot.block(at: Int64(missing), of: tally, total: Int64(total))
            guard let found else { return false }
            matched += Int(found.before)
            lastID = found.first.predecessor
            budget -= Self.lookCost * found.looks
        } catch {
            throw DirectoryError(error)
        }
        return false
    }
}
