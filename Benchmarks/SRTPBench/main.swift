import SRTP

let engine = try SRTPEngine(.automatic)
print(engine.name)
