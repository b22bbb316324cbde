import SRTP
import Testing

@Suite struct SRTPSuiteTests {
    @Test(arguments: SRTPSuite.allCases)
    func aSuiteIsFoundByItsSDESName(suite: SRTPSuite) {
        #expect(SRTPSuite(sdesName: suite.sdesName) == suite)
        #expect(SRTPSuite(sdesName: suite.sdesName.lowercased()) == nil)
    }

    @Test(arguments: SRTPSuite.allCases)
    func aMasterKeyShowsNoByteOfItself(suite: SRTPSuite) throws {
        let key = try SRTPMasterKey(suite: suite, keyAndSalt: Array(repeating: 171, count: suite.keyAndSaltLength))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("171") && !text.contains("ab"))
        }
    }

    @Test(arguments: SRTPSuite.allCases)
    func aMasterKeyOfTheWrongLengthIsRefused(suite: SRTPSuite) {
        for count in [0, suite.keyLength, suite.keyAndSaltLength - 1, suite.keyAndSaltLength + 1] {
            #expect(throws: SRTPError.keyAndSaltLength(suite, expected: suite.keyAndSaltLength, found: count)) {
                try SRTPMasterKey(suite: suite, keyAndSalt: Array(repeating: 0, count: count))
            }
        }
    }
}
