import SDP
import Testing

@Suite struct H264ParameterSetsTests {
    @Test func readsTheExampleOfRFC6184() {
        let units = H264ParameterSets.units(
            inFormatParameters: "profile-level-id=42000a; sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==")
        #expect(units == [[0x67, 0x42, 0x00, 0x0a, 0x96, 0x53, 0x05, 0x89, 0x88], [0x68, 0xc9, 0x63, 0x88]])
    }

    @Test func whatCannotBeReadIsAsIfItWereNotThere() {
        #expect(H264ParameterSets.units(inFormatParameters: "profile-level-id=42000a").isEmpty)
        #expect(H264ParameterSets.units(inFormatParameters: "sprop-parameter-sets=").isEmpty)
        #expect(H264ParameterSets.units(inFormatParameters: "sprop-parameter-sets=Z0IACpZTBYmI,a!").isEmpty)
        let many = Array(repeating: "aMljiA==", count: 17).joined(separator: ",")
        #expect(H264ParameterSets.units(inFormatParameters: "sprop-parameter-sets=\(many)").isEmpty)
    }
}
