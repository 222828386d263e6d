// SPDX-License-Identifier: Apache-2.0
// Unicode 16.0 in short texts, written by Tools/make_unicode_tables.py. Numbers are base 36;
// `UnicodeProperties` reads them.

enum UnicodeData {
  /// Runs from U+0000: a category (A … Z ! # $ % for Lu Ll Lt Lm Lo Mn Mc Me Nd … Cn), its length if over 1.
  static let generalCategories: StaticString = """
    ZwWR3TR3NORSRMR2IaR2S3R2AqNROULUBqNSOSZxWRT4VRUVEPS!VUVSK2UBR2UKEQK3RAnSA7BoSB8ABABABABABABABABABABABABABABABABA\
    BABABABABABABABABABABAB2ABABABABABABABAB2ABABABABABABABABABABABABABABABABABABABABABABABA2BABAB3A2BABA2BA3B2A4BA2\
    BA3B3A2BA2BABABA2BAB2ABA2BA3BABA2B2EAB3E4ACBACBACBABABABABABABABAB2ABABABABABABABABAB2ACBABA3BABABABABABABABABAB\
    ABABABABABABABABABABABABABABABABABABABAB7A2BA2B2ABA4BABABABAB1xEBrDiU4DcUeD5U7DUDUhF34ABABDUAB%2DB3RA%4U2ARA3%A%\
    A2BAh%A9BzAB2A3B3ABABABABABABABABABABABAB5ABSABA2B2A1fB1cABABABABABABABABABABABABABABABABABVF5H2ABABABABABABABAB\
    ABABABABABABABABABABABABABABABABABABABA2BABABABABABAB2ABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\
    ABABABABABABABABABABABABABABABABABABAB%A12%2DR6B15RM%2V2T%F19MFRF2RF2RF%8Er%4E4R2%b!6S3R2TR2V2FbR!R3EwDEaFlIaR4E\
    2FE2rREF7!VF6D2F2VF4E2IaE3V2ERe%!EFEuFr%2E2hFbE%eIaExF9D2VR3D%2FT2EmF4DF9DF3DF5%2Rf%EpF3%2R%Eb%5EoUE6%!2%5F9E15D\
    Fo!FwGE1iFGFEG3F8G4FG2EF7EaF2R2IaRDEfFG2%E8%2E2%2Em%E7%E%3E4%2FEG3F4%2G2%2G2FE%8G%4E2%E3F2%2IaE2T2K6VTERF%2F2G%E\
    6%4E2%2Em%E7%E2%E2%E2%2F%G3F2%4F2%2F3%3F%7E4%E%7IaF2E3FR%aF2G%E9%E3%Em%E7%E2%E5%2FEG3F5%F2G%G2F%2E%fE2F2%2IaRT%7\
    EF6%FG2%E8%2E2%2Em%E7%E2%E5%2FEGFGF4%2G2%2G2F%7F2G%4E2%E3F2%2IaVEK6%aFE%E6%3E3%E4%3E2%E%E2%3E2%3E3%3Ec%4G2FG2%3G\
    3%G3F%2E%6G%eIaK3V6TV%5FG3FE8%E3%En%Eg%2FEF3G4%F3%F4%7F2%E3%2E%2E2F2%2Ia%7RK7VEFG2RE8%E3%En%Ea%E5%2FEGFG5%FG2%G2\
    F2%7G2%6E2%E2F2%2Ia%E2G%cF2G2E9%E3%E15F2EG3F4%G3%G3FEV%4E3GK7E3F2%2IaK9VE6%FG2%Ei%3Eo%E9%E%2E7%3F%4G3F3%F%G8%6Ia\
    %2G2R%cE1cFE2F7%4TE6DF8RIaR2%11E2%E%E5%Eo%E%EaFE2F9E%2E5%D%F7%Ia%2E4%wEV3RfVRV3F2V6IaKaVFVFVFNONOG2E8%E10%4FeGF5\
    RF2E5Fb%F10%V8FV6%V2R5V4R2%11E17G2F4GF6GF2G2F2EIaR6E6G2F2E4F3EG3E2G7E3F4EdFG2F2G6FEGIaG3FV2A12%A%5A%2B17RDB3E95%\
    E4%2E7%E%E4%2E15%E4%2Ex%E4%2E7%E%E4%2Ef%E1l%E4%2E1v%2F3R9Kk%3EgVa%6A2e%2B6%2MEh8VREhWEqNO%3E23R3J3E8%7EiF3G%9EjF\
    2GR2%9EiF2%cEd%E3%F2%cE1gF2GF7G8FG2FbR3DR3TEF%2Ia%6Ka%6R6MR4F3!FIa%6EzDE1h%7E5F2EyFE%5E1y%aEv%F3G4F2G3%4G2FG6F3%\
    4V%3R2IaEu%2E5%bE18%4Eq%6IaK%3VyEnF2G2F%2R2E1hGFGF7%FGFG2F8G6Fa%2FIa%6Ia%6R7DR6%2FeHFg%1dF4GE1bFGF5GFG5FG2E8%R2I\
    aR7VaF9V9R3F2GEuGF4G2F2GF3E2IaE18FGF2G3FGF3G2%8R4E10G8F8G2F2%3R5Ia%3E3IaEuD6R2B9AB%5A17%2A3R8%8F3RFdGF7E4FE6FE2G\
    F2E%5B18D1rBdDByD11F1sABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB\
    ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB9ABABABABABABABABABABABABABABABABABABABABABABABABABA\
    BABABABABABABABABABABABABABABABABABABABABABABAB9A8B6%2A6%2B8A8B8A8B6%2A6%2B8%A%A%A%AB8A8Be%2B8C8B8C8B8C8B5%B2A4C\
    UBU3B3%B2A4CU3B4%2B2A4%U3B8A5U3%2B3%B2A4CU2%Wb!5M6R2PQNP2QNPR8XY!5WR9PQR4L2R3SNORbSRLRaW!5%!aKD%2K6S3NODKaS3NO%D\
    d%3Tx%fFdH4FH3Fc%fV2AV4AV2BA3B2A3BVAV2SA5V6AVAVAVA4VBA4BE4BV2B2A2S5AB4VSV2BVKgJzABJ4KV2%4S5V5S2V4SV2SV2SV7SVvS2V\
    2SVSVvS7gV8NONOVkS2V7NOV29SVuSpV14S6V20%mVb%lK1oV26KmV53SV9SV1iS8V33SV6wNONONONONONONOKuV18S5NOSvNONONONONOSgV74\
    S3nNONONONONONONONONONONOS1rNONOSwNOS76V1cSlV2S6V13%2Vw%V2xA1cB1cABA3B2ABABABA4BAB2AB6D2A3BABABABABABABABABABABA\
    BABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB2V6ABABF3AB%5R4KR2B12%B%5B%2E1k%7DR\
    %eFEn%9E7%E7%E7%E7%E7%E7%E7%E7%FwR2PQPQR3PQRPQR9MR2MRPQR2PQNONONONOR5DRaM2R4MRNRdV2R3NONONONOM%yVq%V2h%cV5y%qVgW\
    R3VDEJNONONONONOV2NONONONOMNO2VJ9F4G2MD5V2J3DERV2%E2e%2F2U2D2EME2iRD3E%5E17%E2m%V2K4VaEwV12%9VEgVv%KaVuK8VKfVwKa\
    V13KfV8wE534V1sEg7pDEvr%3V1j%9E14D6R2E7gDR3EgIaE2%kABABABABABABABABABABABABABABABABABABABABABABABEFH3RFaRDABABAB\
    ABABABABABABABABABABABD2F2E1yJaF2R6%8UnD9U2ABABABABABABAB3ABABABABABABABABABABABABABABABABABABABABABABABABABABAB\
    ABABABABDB8ABABA2BABABABABDU2ABABEABAB3ABABABABABABABABABABA5BA5BABABABABABABABA4BABA2B%2AB%B%BABABABA%lD3ABED2B\
    E7FE3FE4FEnG2F2GV4F%3K6V2TV%6E1gR4%8G2E1eGgF2%8R2Ia%6FiE6R3ERE2FIaEsF8R2EnFbG2%bREt%3F3GE1bFG2F4G2F2G3Rd%DIa%4R2\
    E5FDE9IaE5%E15F6G2F2G2F2%9E3FE8FG%2Ia%2R4EgDE6V3EGFGE1eFEF3E2F2E5F2EFE%oE2DR2EbGF2G2R2ED2GF%aE6%2E6%2E6%9E7%E7%B\
    17UD4B9DU2%4B28EzG2FG2FG2RGF%2Ia%6E8mc%cEn%4E1d%4#1kw$4xsEa6%2E2y%12B7%cB5%5EFEaSEd%E5%E%E2%E2%E30Uh%gEa3ONVgE1s\
    %2E1i%7V%wEcTV3FgR7NOR%6FgRM2L2NONONONONONONONOR2NOR4L3R3%R4MNONONOR3SMS3%RTR2%4E5%E3r%2!%R3TR3NORSRMR2IaR2S3R2A\
    qNROULUBqNSOSNORNOR2EaDE19D2Ev%3E6%2E6%2E6%2E3%3T2SUVT2%VS4V2%a!3V2%2Ec%Eq%Ej%E2%Ef%2Ee%yE3f%5R3%4K19%3V9J1hK4Vh\
    K2V3%Vd%3V%1bV19F%3mEt%3E1d%fFKr%4EwK4%9EkJE8J%5E12F5%5Eu%RE10%4E8RJ5%16A14B14E26%2Ia%6A10%4B10%4E14%8E1g%bRAb%A\
    f%A7%A2%Bb%Bf%B7%B2%3E1g%cE8n%9Em%aE8%oD6%D16%D9%1xE6%2E%E18%E2%3E%2En%RK8EnV2K7Ev%8K9%1cEj%E2%5K5EmK6%3REq%5R%1\
    sE1k%4K2E2Kg%2K1aEF3%F2%5F4E4%E3%Et%2F3%4FK9%7R9%7EtK2REtK3%wE8VEsF2%4K5R7%9E1i%3R7Em%2K8Ej%5K8Ei%7R4%cK7%28E21%\
    1jA1f%dB1f%7K6E10F4%8Ia%6IaE4DEAm%3F5MDBm%8S2%5sKv%E16%F2M%2E2%gE3%1jF4EtKaE%8EmFbK4R5%mEiF4R4%12ElK7%kEn%9GFGE1\
    hFfR7%4KkIaFE2F2E%9F3GE19G3F4G2F2R2!R4F%a!%2Ep%7Ia%6F3E10F5GF8%IaR4EG2E%8EzFR2E%9F2GE1cG3F9G2E4R4F4RGFIaERER3%Kk\
    %bEi%EpG3F3G2FGF2R6FE2F%1qE7%E%E4%Ef%EaR%6E1bFG3F8%5Ia%6F2G2%E8%2E2%2Em%E7%E2%E5%F2EG2FG4%2G2%2G3%2E%6G%5E5G2%2F\
    7%3F5%bEa%E%2E%E12%EG3F6%G%2G%G4%G2FGFEFER2%R2%8F2%tE1hG3F8G2F3GFE4R5IaR2%RFE3%uE1cG3F6GFG4F2GF2E2RE%8Ia%4mE1bG3\
    F4%2G4F2GF2RnE4F2%yE1cG3F8G2FGF2R3E%bIa%6Rd%jE17FGFG2F6GFER%6Ia%6Ik%sEr%2FGFG2F4GF5%4IaK2R3VE7%55E18G3F9GF2R%2sA\
    wBwIaK9%cE8%2E%2E8%E2%EoG6%G2%2F2GFEGEGFR3%9Ia%1yE8%2E13G3F4%2F2G4FEREG%rEFaE14F6GEF4R8F%8EF6G2F3E1aFdGF2R3ER5%d\
    E21%7Ra%52ExR%eIa%6E9%E11GF7%F6GFER5%aIaKj%3R2Eu%2Fm%GF7GF2GF2%21E7%E2%E12F6%3F%F2%F7EF%8Ia%6E6%E2%EwG5%F2%G2FGF\
    E%7Ia%8mEjF2G2R2%7F2EGEd%EyG2F5%3G2FGFRdIaF%2dE%fKlV8T4Vh%dREpm%2uJ33%R5%bE5g%218E2pR2%dEts!gFE6Ff%aE32z%5Eg7%5a\
    1EuFcG3F3Ia%1c6Eft%7Ev%Ia%4R2E27%Ia%6Eu%2F5R%aE1cF7R5V4D4RV%aIa%K7%El%5Ej%c0D3E14D2R3Ia%5iAwBwKnR4%2tE23%4FEG1j%\
    7F4Dd%1sD2RDF%bG2%eE4qg%8Eye%15Ea%6w7D4%D7%D2%E83%fE%tE3%2E%eE4%8Eb0%1s4E2z%5Ed%3E9%7Ea%2VF2R!4%318V6oIa%6Vc4%24\
    F1a%2Fn%9V38%1oV6u%aV13%2V1oG2F3V3G6!8F8V2F7VuF4V1p%lV1uF3V%3eKk%cKk%cV2f%9Kp%3rAqBqAqB7%BiAqBqA%A2%2A%2A2%2A4%A\
    8B4%B%B7%BbAqBqA2%A4%2A8%A7%BqA2%A4%A5%A%3A7%BqAqBqAqBqAqBqAqBqAqBqAqBs%2ApSBpSB6ApSBpSB6ApSBpSB6ApSBpSB6ApSBpSB\
    6AB%2I1eVe8F1jV4F1eV8FVeFV2R5%fF5%Ff%uoBaEBk%6B6%5xF7%Fh%2F7%F2%F5%5D1q%xF%34E19%3F7D7%2Ia%4EV%8wEuF%hE18F4Ia%5T\
    %cwErDF4Ia%5yEuF2EIa%4R%dcE7%E4%E2%Ef%E5h%2K9F7%15AyByF7D%4Ia%4R2%ltK1nVK3TK4%24K19VKf%5eE4%Er%E2%E%2E%Ea%E4%E%E\
    %6E%4E%E%E%E3%E2%E%2E%E%E%E%E%E2%E%2E4%E7%E4%E4%E%Ea%Eh%5E3%E5%Eh%1gS2%7iV18%4V2s%cVf%2Vf%Vf%V11%aKdV4h%1kVt%dV1\
    8%4V9%7V2%eV6%4aV6zU5Vk8%4Vh%3Vd%3V3b%4V2n%6Vc%4V%fVc%4V1k%8Va%6V14%8Vu%2Vc%4V2%1qV9g%cVe%2Vd%3Va%5V1k%7Vf%2Vb%6\
    V9%7V43%V2kIa%smEwyo%wE37e%6E66%2E4g2%eE5rl%fEha%1wiEf2%15uE3t7%5E38g%f975!%u!2o%3kF6o%1e6o$1eke%2$1eke%2
    """

  /// Runs from U+0000: `class` or `class.length`, spaces between.
  static let combiningClasses: StaticString = """
    0.lc 6e.l 6g 64.4 6g 60 64.5 5m.2 64.4 5m.2 64.b 1.5 64.4 6e.8 6o 6e 64.3 6e.3 64.2 0 6e.3 64.4 6e 6g 64.2 6e 6h\
     6i.2 6h 6i.2 6h 6e.d 0.7n 6e.5 0.7d 64 6e.4 64 6e.3 66 64 6e.6 64.6 6e.2 64 6e.2 66 6c 6e a b c d e f g h i j.2\
     k l m 0 n 0 o p 0 6e 64 0 i 0.20 6e.8 u v w 0.1c r s t u v w x y 6e.2 64.2 6e.5 64 6e.2 64 0.g z 0.2t 6e.7 0.2 \
    6e.4 64 6e 0.2 6e.2 0 64 6e.2 64 0.z 10 0.u 6e 64 6e.2 64 6e.2 64.3 6e 64.2 6e 64 6e.3 64 6e 64 6e 64 6e 64 6e.2\
     0.4g 6e.7 64 6e 0.y 6e.4 0 6e.9 0 6e.3 0 6e.5 0.17 64.3 0.3c 6e.e 0 64 6e.2 64 6e.2 64 6e.3 64.3 r s t 6e.3 64 \
    6e.2 64.2 6e.5 0.1o 7 0.g 9 0.3 6e 64 6e.2 0.2v 7 0.g 9 0.32 7 0.g 9 0.32 7 0.g 9 0.32 7 0.g 9 0.3j 9 0.3j 9 0.7\
     2c 2j 0.2t 7 0.g 9 0.3j 9 0.3g 9 0.31 2v.2 9 0.d 2z.4 0.30 3a.2 0.e 3e.4 0.24 64.2 0.r 64 0 64 0 60 0.1j 3l 3m \
    0 3o 0.5 3m.4 0.2 3m 0 6e.2 9 0 6e.2 0.1q 64 0.34 7 0 9.2 0.2a 64 0.jz 6e.3 0.qc 9 0.v 9 0.4d 9 0.a 6e 0.5n 6c 0\
    .3z 66 6e 64 0.63 6e 64 0.1z 9 0.k 6e.8 0.2 64 0.1c 6e.5 64.6 6e.2 64 0.3a 7 0.f 9 0.12 6e 64 6e.7 0.1i 9.2 0.1m\
     7 0.b 9.2 0.1v 7 0.48 6e.3 0 1 64.5 6e.2 64.4 6e 0 1.7 0.4 64 0.6 6e 0.3 6e.2 0.5i 6e.2 64 6e.7 64 6e.2 6i 5y 6\
    4 5m 6e.11 0.5 6e 6h 64 6e 64 0.k0 6e.2 1.2 6e.4 1.3 6e.2 0.4 6e 0.3 1.2 6e 64 6e 1.2 64.4 6e 0.2da 6e.3 0.3x 9 \
    0.2o 6e.w 0.fe 62 6c 6g 66 68.2 0.2x 8.2 0.n9w 6e 0.4 6e.a 0.w 6e.2 0.28 6e.2 0.7o 9 0.59 9 0.r 6e.i 0.1l 64.3 0\
    .11 9 0.2n 7 0.c 9 0.6n 6e 0 6e.2 64 0.2 6e.2 0.5 6e.2 0 6e 0.1g 9 0.6u 9 0.fn4 q 0.ld 6e.7 64.7 6e.2 0.r1 64 0.\
    6a 64 0.45 6e.5 0.1aq 64 0 6e 0.14 6e 1 64 0.4 9 0.4l 6e 64 0.127 9 0.1k 9 0.1l 9 7 0.1x 6e.3 0.1c 9.2 0.1q 7 0.\
    24 9 0.9 7 0.2y 9 7 0.4y 7 9 0.29 7 0.g 9 0.o 6e.7 0.3 6e.5 0.5p 9 0.3 7 0.3f 9 7 0.6z 9 7 0.3i 9 0.3a 9 7 0.37 \
    9 0.103 9 0.fjk 1.5 0.1n 6e.7 0.g2v 1 0.43q 60.2 1.3 0.3 6a 60.5 0.8 64.8 0.2 6e.5 64.2 0.u 6e.4 0.44 6e.3 0.2pn\
     6e.7 0 6e.h 0.2 6e.7 0 6e.2 0 6e.5 0.1ph 64.7 0.31 6e.6 7 0.l705
    """

  /// Code points with one simple case folding, joined by dots.
  static let caseOrbits: StaticString = """
    1t.2p 1u.2q 1v.2r 1w.2s 1x.2t 1y.2u 1z.2v 20.2w 21.2x 22.2y 23.2z.6ju 24.30 25.31 26.32 27.33 28.34 29.35 2a.36 \
    2b.37.an 2c.38 2d.39 2e.3a 2f.3b 2g.3c 2h.3d 2i.3e 67.61q 5c.68 5d.69 5e.6a 5f.6b 5g.6c 5h.6d.6jv 5i.6e 5j.6f 5k\
    .6g 5l.6h 5m.6i 5n.6j 5o.6k 5p.6l 5q.6m 5r.6n 5s.6o 5t.6p 5u.6q 5v.6r 5w.6s 5x.6t 5y.6u 60.6w 61.6x 62.6y 63.6z \
    64.70 65.71 66.72 73.ag 74.75 76.77 78.79 7a.7b 7c.7d 7e.7f 7g.7h 7i.7j 7k.7l 7m.7n 7o.7p 7q.7r 7s.7t 7u.7v 7w.7\
    x 7y.7z 80.81 82.83 84.85 86.87 88.89 8a.8b 8c.8d 8e.8f 8i.8j 8k.8l 8m.8n 8p.8q 8r.8s 8t.8u 8v.8w 8x.8y 8z.90 91\
    .92 93.94 96.97 98.99 9a.9b 9c.9d 9e.9f 9g.9h 9i.9j 9k.9l 9m.9n 9o.9p 9q.9r 9s.9t 9u.9v 9w.9x 9y.9z a0.a1 a2.a3 \
    a4.a5 a6.a7 a8.a9 aa.ab ac.ad ae.af ah.ai aj.ak al.am ao.g3 aq.ar as.at av.aw az.b0 b5.b6 b9.dy bc.bd be.fx bi.f\
    4 bk.bl bm.bn bo.bp br.bs bw.bx bz.c0 c3.c4 c5.c6 c8.c9 cc.cd cf.dz ck.cl.cm cn.co.cp cq.cr.cs ct.cu cv.cw cx.cy\
     cz.d0 d1.d2 d3.d4 d5.d6 d7.d8 b2.d9 da.db dc.dd de.df dg.dh di.dj dk.dl dm.dn do.dp dq.dr dt.du.dv dw.dx e0.e1 \
    e2.e3 e4.e5 e6.e7 e8.e9 ea.eb ec.ed ee.ef eg.eh ei.ej ek.el em.en eo.ep eq.er es.et eu.ev ew.ex ey.ez f0.f1 f2.f\
    3 f6.f7 f8.f9 fa.fb fc.fd fe.ff fg.fh fi.fj fk.fl fm.fn fv.fw fz.8se g0.8sf g1.g2 g6.g7 g8.g9 ga.gb gc.gd ge.gf \
    gg.8rz gh.8rx gi.8s0 ap.gj au.gk ax.gm ay.gn b3.gp b4.gr gs.x4b b7.gw gx.x4c b8.gz h1.x3h h2.x4a bb.h4 ba.h5 h6.\
    x4e h7.8rm h8.x4d bg.hb hd.8ry bh.he bj.hh hp.8ro bq.hs hu.x51 bt.hv hz.x4h by.i0 g4.i1 c1.i2 c2.i3 g5.i4 c7.ia \
    il.x4i im.x4g og.oh oi.oj om.on or.sd os.se ot.sf p2.q4 p4.q5 p5.q6 p6.q7 pd.q9 pe.qa.r4 pf.qb pg.qc ph.qd.s5 pi\
    .qe pj.qf pk.qg.r5.s4 n9.pl.qh.69q pm.qi.s0 pn.qj 51.po.qk pp.ql pq.qm pr.qn ps.qo.ra pt.qp.s1 pv.qq.qr pw.qs px\
    .qt py.qu.r9 pz.qv q0.qw q1.qx.6jq q2.qy q3.qz p8.r0 pa.r1 pb.r2 r3.rb rc.rd re.rf rg.rh ri.rj rk.rl rm.rn ro.rp\
     rq.rr rs.rt ru.rv rw.rx ry.rz s2.s9 ov.s3 s7.s8 sa.sb sw.ts sx.tt sy.tu.5mo sz.tv t0.tw.5mp t1.tx t2.ty t3.tz t\
    4.u0 t5.u1 t6.u2 t7.u3 t8.u4 t9.u5 ta.u6.5mq tb.u7 tc.u8 td.u9.5mr te.ua.5ms.5mt tf.ub tg.uc th.ud ti.ue tj.uf t\
    k.ug tl.uh tm.ui.5mu tn.uj to.uk tp.ul tq.um tr.un sg.uo sh.up si.uq sj.ur sk.us sl.ut sm.uu sn.uv so.uw sp.ux s\
    q.uy sr.uz ss.v0 st.v1 su.v2 sv.v3 v4.v5 v6.v7.5mv v8.v9 va.vb vc.vd ve.vf vg.vh vi.vj vk.vl vm.vn vo.vp vq.vr v\
    s.vt vu.vv vw.vx vy.vz w0.w1 wa.wb wc.wd we.wf wg.wh wi.wj wk.wl wm.wn wo.wp wq.wr ws.wt wu.wv ww.wx wy.wz x0.x1\
     x2.x3 x4.x5 x6.x7 x8.x9 xa.xb xc.xd xe.xf xg.xh xi.xj xk.xl xm.xn xo.xp xq.xr xt.xu xv.xw xx.xy xz.y0 y1.y2 y3.\
    y4 y5.y6 xs.y7 y8.y9 ya.yb yc.yd ye.yf yg.yh yi.yj yk.yl ym.yn yo.yp yq.yr ys.yt yu.yv yw.yx yy.yz z0.z1 z2.z3 z\
    4.z5 z6.z7 z8.z9 za.zb zc.zd ze.zf zg.zh zi.zj zk.zl zm.zn zo.zp zq.zr zs.zt zu.zv zw.zx zy.zz 100.101 102.103 1\
    04.105 106.107 108.109 10a.10b 10c.10d 10e.10f 10g.10h 10i.10j 10k.10l 10m.10n 10o.10p 10q.10r 10s.10t 10u.10v 1\
    0x.129 10y.12a 10z.12b 110.12c 111.12d 112.12e 113.12f 114.12g 115.12h 116.12i 117.12j 118.12k 119.12l 11a.12m 1\
    1b.12n 11c.12o 11d.12p 11e.12q 11f.12r 11g.12s 11h.12t 11i.12u 11j.12v 11k.12w 11l.12x 11m.12y 11n.12z 11o.130 1\
    1p.131 11q.132 11r.133 11s.134 11t.135 11u.136 11v.137 11w.138 11x.139 11y.13a 3bk.5n4 3bl.5n5 3bm.5n6 3bn.5n7 3\
    bo.5n8 3bp.5n9 3bq.5na 3br.5nb 3bs.5nc 3bt.5nd 3bu.5ne 3bv.5nf 3bw.5ng 3bx.5nh 3by.5ni 3bz.5nj 3c0.5nk 3c1.5nl 3\
    c2.5nm 3c3.5nn 3c4.5no 3c5.5np 3c6.5nq 3c7.5nr 3c8.5ns 3c9.5nt 3ca.5nu 3cb.5nv 3cc.5nw 3cd.5nx 3ce.5ny 3cf.5nz 3\
    cg.5o0 3ch.5o1 3ci.5o2 3cj.5o3 3ck.5o4 3cl.5o5 3cm.5o6 3cn.5o7 3co.5o8 3cp.5o9 3cq.5oa 3ct.5od 3cu.5oe 3cv.5of 3\
    vk.xv4 3vl.xv5 3vm.xv6 3vn.xv7 3vo.xv8 3vp.xv9 3vq.xva 3vr.xvb 3vs.xvc 3vt.xvd 3vu.xve 3vv.xvf 3vw.xvg 3vx.xvh 3\
    vy.xvi 3vz.xvj 3w0.xvk 3w1.xvl 3w2.xvm 3w3.xvn 3w4.xvo 3w5.xvp 3w6.xvq 3w7.xvr 3w8.xvs 3w9.xvt 3wa.xvu 3wb.xvv 3\
    wc.xvw 3wd.xvx 3we.xvy 3wf.xvz 3wg.xw0 3wh.xw1 3wi.xw2 3wj.xw3 3wk.xw4 3wl.xw5 3wm.xw6 3wn.xw7 3wo.xw8 3wp.xw9 3\
    wq.xwa 3wr.xwb 3ws.xwc 3wt.xwd 3wu.xwe 3wv.xwf 3ww.xwg 3wx.xwh 3wy.xwi 3wz.xwj 3x0.xwk 3x1.xwl 3x2.xwm 3x3.xwn 3\
    x4.xwo 3x5.xwp 3x6.xwq 3x7.xwr 3x8.xws 3x9.xwt 3xa.xwu 3xb.xwv 3xc.xww 3xd.xwx 3xe.xwy 3xf.xwz 3xg.xx0 3xh.xx1 3\
    xi.xx2 3xj.xx3 3xk.xx4 3xl.xx5 3xm.xx6 3xn.xx7 3xo.xx8 3xp.xx9 3xq.xxa 3xr.xxb 3xs.3y0 3xt.3y1 3xu.3y2 3xv.3y3 3\
    xw.3y4 3xx.3y5 5tl.x31 5tp.8rn 5u6.x52 5xc.5xd 5xe.5xf 5xg.5xh 5xi.5xj 5xk.5xl 5xm.5xn 5xo.5xp 5xq.5xr 5xs.5xt 5\
    xu.5xv 5xw.5xx 5xy.5xz 5y0.5y1 5y2.5y3 5y4.5y5 5y6.5y7 5y8.5y9 5ya.5yb 5yc.5yd 5ye.5yf 5yg.5yh 5yi.5yj 5yk.5yl 5\
    ym.5yn 5yo.5yp 5yq.5yr 5ys.5yt 5yu.5yv 5yw.5yx 5yy.5yz 5z0.5z1 5z2.5z3 5z4.5z5 5z6.5z7 5z8.5z9 5za.5zb 5zc.5zd 5\
    ze.5zf 5zg.5zh 5zi.5zj 5zk.5zl 5zm.5zn 5zo.5zp 5zq.5zr 5zs.5zt 5zu.5zv 5zw.5zx 5zy.5zz 600.601.61n 602.603 604.6\
    05 606.607 608.609 60a.60b 60c.60d 60e.60f 60g.60h 60i.60j 60k.60l 60m.60n 60o.60p 60q.60r 60s.60t 60u.60v 60w.6\
    0x 60y.60z 610.611 612.613 614.615 616.617 618.619 61a.61b 61c.61d 61e.61f 61g.61h 61s.61t 61u.61v 61w.61x 61y.6\
    1z 620.621 622.623 624.625 626.627 628.629 62a.62b 62c.62d 62e.62f 62g.62h 62i.62j 62k.62l 62m.62n 62o.62p 62q.6\
    2r 62s.62t 62u.62v 62w.62x 62y.62z 630.631 632.633 634.635 636.637 638.639 63a.63b 63c.63d 63e.63f 63g.63h 63i.6\
    3j 63k.63l 63m.63n 63o.63p 63q.63r 63s.63t 63u.63v 63w.63x 63y.63z 640.641 642.643 644.645 646.647 648.649 64a.6\
    4b 64c.64d 64e.64f 64g.64o 64h.64p 64i.64q 64j.64r 64k.64s 64l.64t 64m.64u 64n.64v 64w.654 64x.655 64y.656 64z.6\
    57 650.658 651.659 65c.65k 65d.65l 65e.65m 65f.65n 65g.65o 65h.65p 65i.65q 65j.65r 65s.660 65t.661 65u.662 65v.6\
    63 65w.664 65x.665 65y.666 65z.667 668.66g 669.66h 66a.66i 66b.66j 66c.66k 66d.66l 66p.66x 66r.66z 66t.671 66v.6\
    73 674.67c 675.67d 676.67e 677.67f 678.67g 679.67h 67a.67i 67b.67j 67k.69m 67l.69n 67m.6a0 67n.6a1 67o.6a2 67p.6\
    a3 67q.6ai 67r.6aj 67s.6bc 67t.6bd 67u.6ay 67v.6az 67w.6be 67x.6bf 680.688 681.689 682.68a 683.68b 684.68c 685.6\
    8d 686.68e 687.68f 68g.68o 68h.68p 68i.68q 68j.68r 68k.68s 68l.68t 68m.68u 68n.68v 68w.694 68x.695 68y.696 68z.6\
    97 690.698 691.699 692.69a 693.69b 69c.69k 69d.69l 69f.69o 69v.6a4 6a8.6ag 6a9.6ah 6ao.6aw 6ap.6ax 6at.6b0 6b7.6\
    bg 6k2.6ku 6lc.6ls 6ld.6lt 6le.6lu 6lf.6lv 6lg.6lw 6lh.6lx 6li.6ly 6lj.6lz 6lk.6m0 6ll.6m1 6lm.6m2 6ln.6m3 6lo.6\
    m4 6lp.6m5 6lq.6m6 6lr.6m7 6mb.6mc 792.79s 793.79t 794.79u 795.79v 796.79w 797.79x 798.79y 799.79z 79a.7a0 79b.7\
    a1 79c.7a2 79d.7a3 79e.7a4 79f.7a5 79g.7a6 79h.7a7 79i.7a8 79j.7a9 79k.7aa 79l.7ab 79m.7ac 79n.7ad 79o.7ae 79p.7\
    af 79q.7ag 79r.7ah 8ow.8q8 8ox.8q9 8oy.8qa 8oz.8qb 8p0.8qc 8p1.8qd 8p2.8qe 8p3.8qf 8p4.8qg 8p5.8qh 8p6.8qi 8p7.8\
    qj 8p8.8qk 8p9.8ql 8pa.8qm 8pb.8qn 8pc.8qo 8pd.8qp 8pe.8qq 8pf.8qr 8pg.8qs 8ph.8qt 8pi.8qu 8pj.8qv 8pk.8qw 8pl.8\
    qx 8pm.8qy 8pn.8qz 8po.8r0 8pp.8r1 8pq.8r2 8pr.8r3 8ps.8r4 8pt.8r5 8pu.8r6 8pv.8r7 8pw.8r8 8px.8r9 8py.8ra 8pz.8\
    rb 8q0.8rc 8q1.8rd 8q2.8re 8q3.8rf 8q4.8rg 8q5.8rh 8q6.8ri 8q7.8rj 8rk.8rl fu.8rp fy.8rq 8rr.8rs 8rt.8ru 8rv.8rw\
     8s2.8s3 8s5.8s6 8sg.8sh 8si.8sj 8sk.8sl 8sm.8sn 8so.8sp 8sq.8sr 8ss.8st 8su.8sv 8sw.8sx 8sy.8sz 8t0.8t1 8t2.8t3\
     8t4.8t5 8t6.8t7 8t8.8t9 8ta.8tb 8tc.8td 8te.8tf 8tg.8th 8ti.8tj 8tk.8tl 8tm.8tn 8to.8tp 8tq.8tr 8ts.8tt 8tu.8tv\
     8tw.8tx 8ty.8tz 8u0.8u1 8u2.8u3 8u4.8u5 8u6.8u7 8u8.8u9 8ua.8ub 8uc.8ud 8ue.8uf 8ug.8uh 8ui.8uj 8uk.8ul 8um.8un\
     8uo.8up 8uq.8ur 8us.8ut 8uu.8uv 8uw.8ux 8uy.8uz 8v0.8v1 8v2.8v3 8v4.8v5 8v6.8v7 8vf.8vg 8vh.8vi 8vm.8vn 3a8.8w0\
     3a9.8w1 3aa.8w2 3ab.8w3 3ac.8w4 3ad.8w5 3ae.8w6 3af.8w7 3ag.8w8 3ah.8w9 3ai.8wa 3aj.8wb 3ak.8wc 3al.8wd 3am.8we\
     3an.8wf 3ao.8wg 3ap.8wh 3aq.8wi 3ar.8wj 3as.8wk 3at.8wl 3au.8wm 3av.8wn 3aw.8wo 3ax.8wp 3ay.8wq 3az.8wr 3b0.8ws\
     3b1.8wt 3b2.8wu 3b3.8wv 3b4.8ww 3b5.8wx 3b6.8wy 3b7.8wz 3b8.8x0 3b9.8x1 3bb.8x3 3bh.8x9 wu8.wu9 wua.wub wuc.wud\
     wue.wuf wug.wuh 5mw.wui.wuj wuk.wul wum.wun wuo.wup wuq.wur wus.wut wuu.wuv wuw.wux wuy.wuz wv0.wv1 wv2.wv3 wv4\
    .wv5 wv6.wv7 wv8.wv9 wva.wvb wvc.wvd wve.wvf wvg.wvh ww0.ww1 ww2.ww3 ww4.ww5 ww6.ww7 ww8.ww9 wwa.wwb wwc.wwd wwe\
    .wwf wwg.wwh wwi.wwj wwk.wwl wwm.wwn wwo.wwp wwq.wwr x0i.x0j x0k.x0l x0m.x0n x0o.x0p x0q.x0r x0s.x0t x0u.x0v x0y\
    .x0z x10.x11 x12.x13 x14.x15 x16.x17 x18.x19 x1a.x1b x1c.x1d x1e.x1f x1g.x1h x1i.x1j x1k.x1l x1m.x1n x1o.x1p x1q\
    .x1r x1s.x1t x1u.x1v x1w.x1x x1y.x1z x20.x21 x22.x23 x24.x25 x26.x27 x28.x29 x2a.x2b x2c.x2d x2e.x2f x2g.x2h x2i\
    .x2j x2k.x2l x2m.x2n x2x.x2y x2z.x30 x32.x33 x34.x35 x36.x37 x38.x39 x3a.x3b x3f.x3g x3k.x3l x3m.x3n x3o.x50 x3q\
    .x3r x3s.x3t x3u.x3v x3w.x3x x3y.x3z x40.x41 x42.x43 x44.x45 x46.x47 x48.x49 x4k.x4l x4m.x4n x4o.x4p x4q.x4r x4s\
    .x4t x4u.x4v x4w.x4x x4y.x4z x53.x54 x55.x56 x5c.x5d x5i.x5j x5k.x5l x6d.x6e x4j.xub 1ee9.1ef5 1eea.1ef6 1eeb.1e\
    f7 1eec.1ef8 1eed.1ef9 1eee.1efa 1eef.1efb 1eeg.1efc 1eeh.1efd 1eei.1efe 1eej.1eff 1eek.1efg 1eel.1efh 1eem.1efi\
     1een.1efj 1eeo.1efk 1eep.1efl 1eeq.1efm 1eer.1efn 1ees.1efo 1eet.1efp 1eeu.1efq 1eev.1efr 1eew.1efs 1eex.1eft 1\
    eey.1efu 1fcw.1fe0 1fcx.1fe1 1fcy.1fe2 1fcz.1fe3 1fd0.1fe4 1fd1.1fe5 1fd2.1fe6 1fd3.1fe7 1fd4.1fe8 1fd5.1fe9 1fd\
    6.1fea 1fd7.1feb 1fd8.1fec 1fd9.1fed 1fda.1fee 1fdb.1fef 1fdc.1feg 1fdd.1feh 1fde.1fei 1fdf.1fej 1fdg.1fek 1fdh.\
    1fel 1fdi.1fem 1fdj.1fen 1fdk.1feo 1fdl.1fep 1fdm.1feq 1fdn.1fer 1fdo.1fes 1fdp.1fet 1fdq.1feu 1fdr.1fev 1fds.1f\
    ew 1fdt.1fex 1fdu.1fey 1fdv.1fez 1fdw.1ff0 1fdx.1ff1 1fdy.1ff2 1fdz.1ff3 1fhs.1fiw 1fht.1fix 1fhu.1fiy 1fhv.1fiz\
     1fhw.1fj0 1fhx.1fj1 1fhy.1fj2 1fhz.1fj3 1fi0.1fj4 1fi1.1fj5 1fi2.1fj6 1fi3.1fj7 1fi4.1fj8 1fi5.1fj9 1fi6.1fja 1\
    fi7.1fjb 1fi8.1fjc 1fi9.1fjd 1fia.1fje 1fib.1fjf 1fic.1fjg 1fid.1fjh 1fie.1fji 1fif.1fjj 1fig.1fjk 1fih.1fjl 1fi\
    i.1fjm 1fij.1fjn 1fik.1fjo 1fil.1fjp 1fim.1fjq 1fin.1fjr 1fio.1fjs 1fip.1fjt 1fiq.1fju 1fir.1fjv 1fn4.1fo7 1fn5.\
    1fo8 1fn6.1fo9 1fn7.1foa 1fn8.1fob 1fn9.1foc 1fna.1fod 1fnb.1foe 1fnc.1fof 1fnd.1fog 1fne.1foh 1fng.1foj 1fnh.1f\
    ok 1fni.1fol 1fnj.1fom 1fnk.1fon 1fnl.1foo 1fnm.1fop 1fnn.1foq 1fno.1for 1fnp.1fos 1fnq.1fot 1fnr.1fou 1fns.1fov\
     1fnt.1fow 1fnu.1fox 1fnw.1foz 1fnx.1fp0 1fny.1fp1 1fnz.1fp2 1fo0.1fp3 1fo1.1fp4 1fo2.1fp5 1fo4.1fp7 1fo5.1fp8 1\
    h1c.1h34 1h1d.1h35 1h1e.1h36 1h1f.1h37 1h1g.1h38 1h1h.1h39 1h1i.1h3a 1h1j.1h3b 1h1k.1h3c 1h1l.1h3d 1h1m.1h3e 1h1\
    n.1h3f 1h1o.1h3g 1h1p.1h3h 1h1q.1h3i 1h1r.1h3j 1h1s.1h3k 1h1t.1h3l 1h1u.1h3m 1h1v.1h3n 1h1w.1h3o 1h1x.1h3p 1h1y.\
    1h3q 1h1z.1h3r 1h20.1h3s 1h21.1h3t 1h22.1h3u 1h23.1h3v 1h24.1h3w 1h25.1h3x 1h26.1h3y 1h27.1h3z 1h28.1h40 1h29.1h\
    41 1h2a.1h42 1h2b.1h43 1h2c.1h44 1h2d.1h45 1h2e.1h46 1h2f.1h47 1h2g.1h48 1h2h.1h49 1h2i.1h4a 1h2j.1h4b 1h2k.1h4c\
     1h2l.1h4d 1h2m.1h4e 1h2n.1h4f 1h2o.1h4g 1h2p.1h4h 1h2q.1h4i 1jfk.1jgg 1jfl.1jgh 1jfm.1jgi 1jfn.1jgj 1jfo.1jgk 1\
    jfp.1jgl 1jfq.1jgm 1jfr.1jgn 1jfs.1jgo 1jft.1jgp 1jfu.1jgq 1jfv.1jgr 1jfw.1jgs 1jfx.1jgt 1jfy.1jgu 1jfz.1jgv 1jg\
    0.1jgw 1jg1.1jgx 1jg2.1jgy 1jg3.1jgz 1jg4.1jh0 1jg5.1jh1 1jg6.1jh2 1jg7.1jh3 1jg8.1jh4 1jg9.1jh5 1jga.1jh6 1jgb.\
    1jh7 1jgc.1jh8 1jgd.1jh9 1jge.1jha 1jgf.1jhb 20cg.20dc 20ch.20dd 20ci.20de 20cj.20df 20ck.20dg 20cl.20dh 20cm.20\
    di 20cn.20dj 20co.20dk 20cp.20dl 20cq.20dm 20cr.20dn 20cs.20do 20ct.20dp 20cu.20dq 20cv.20dr 20cw.20ds 20cx.20dt\
     20cy.20du 20cz.20dv 20d0.20dw 20d1.20dx 20d2.20dy 20d3.20dz 20d4.20e0 20d5.20e1 20d6.20e2 20d7.20e3 20d8.20e4 2\
    0d9.20e5 20da.20e6 20db.20e7 2olc.2oma 2old.2omb 2ole.2omc 2olf.2omd 2olg.2ome 2olh.2omf 2oli.2omg 2olj.2omh 2ol\
    k.2omi 2oll.2omj 2olm.2omk 2oln.2oml 2olo.2omm 2olp.2omn 2olq.2omo 2olr.2omp 2ols.2omq 2olt.2omr 2olu.2oms 2olv.\
    2omt 2olw.2omu 2olx.2omv 2oly.2omw 2olz.2omx 2om0.2omy 2om1.2omz 2om2.2on0 2om3.2on1 2om4.2on2 2om5.2on3 2om6.2o\
    n4 2om7.2on5 2om8.2on6 2om9.2on7
    """

  /// Canonical decompositions, `cp.a.b`; `!` in place of `.` where the pair never composes again.
  static let decompositions: StaticString = """
    5c.1t.lc 5d.1t.ld 5e.1t.le 5f.1t.lf 5g.1t.lk 5h.1t.lm 5j.1v.mf 5k.1x.lc 5l.1x.ld 5m.1x.le 5n.1x.lk 5o.21.lc 5p.2\
    1.ld 5q.21.le 5r.21.lk 5t.26.lf 5u.27.lc 5v.27.ld 5w.27.le 5x.27.lf 5y.27.lk 61.2d.lc 62.2d.ld 63.2d.le 64.2d.lk\
     65.2h.ld 68.2p.lc 69.2p.ld 6a.2p.le 6b.2p.lf 6c.2p.lk 6d.2p.lm 6f.2r.mf 6g.2t.lc 6h.2t.ld 6i.2t.le 6j.2t.lk 6k.\
    2x.lc 6l.2x.ld 6m.2x.le 6n.2x.lk 6p.32.lf 6q.33.lc 6r.33.ld 6s.33.le 6t.33.lf 6u.33.lk 6x.39.lc 6y.39.ld 6z.39.l\
    e 70.39.lk 71.3d.ld 73.3d.lk 74.1t.lg 75.2p.lg 76.1t.li 77.2p.li 78.1t.mg 79.2p.mg 7a.1v.ld 7b.2r.ld 7c.1v.le 7d\
    .2r.le 7e.1v.lj 7f.2r.lj 7g.1v.lo 7h.2r.lo 7i.1w.lo 7j.2s.lo 7m.1x.lg 7n.2t.lg 7o.1x.li 7p.2t.li 7q.1x.lj 7r.2t.\
    lj 7s.1x.mg 7t.2t.mg 7u.1x.lo 7v.2t.lo 7w.1z.le 7x.2v.le 7y.1z.li 7z.2v.li 80.1z.lj 81.2v.lj 82.1z.mf 83.2v.mf 8\
    4.20.le 85.2w.le 88.21.lf 89.2x.lf 8a.21.lg 8b.2x.lg 8c.21.li 8d.2x.li 8e.21.mg 8f.2x.mg 8g.21.lj 8k.22.le 8l.2y\
    .le 8m.23.mf 8n.2z.mf 8p.24.ld 8q.30.ld 8r.24.mf 8s.30.mf 8t.24.lo 8u.30.lo 8z.26.ld 90.32.ld 91.26.mf 92.32.mf \
    93.26.lo 94.32.lo 98.27.lg 99.33.lg 9a.27.li 9b.33.li 9c.27.ln 9d.33.ln 9g.2a.ld 9h.36.ld 9i.2a.mf 9j.36.mf 9k.2\
    a.lo 9l.36.lo 9m.2b.ld 9n.37.ld 9o.2b.le 9p.37.le 9q.2b.mf 9r.37.mf 9s.2b.lo 9t.37.lo 9u.2c.mf 9v.38.mf 9w.2c.lo\
     9x.38.lo a0.2d.lf a1.39.lf a2.2d.lg a3.39.lg a4.2d.li a5.39.li a6.2d.lm a7.39.lm a8.2d.ln a9.39.ln aa.2d.mg ab.\
    39.mg ac.2f.le ad.3b.le ae.2h.le af.3d.le ag.2h.lk ah.2i.ld ai.3e.ld aj.2i.lj ak.3e.lj al.2i.lo am.3e.lo bk.27.m\
    3 bl.33.m3 bz.2d.m3 c0.39.m3 ct.1t.lo cu.2p.lo cv.21.lo cw.2x.lo cx.27.lo cy.33.lo cz.2d.lo d0.39.lo d1.64.lg d2\
    .70.lg d3.64.ld d4.70.ld d5.64.lo d6.70.lo d7.64.lc d8.70.lc da.5g.lg db.6c.lg dc.fa.lg dd.fb.lg de.5i.lg df.6e.\
    lg di.1z.lo dj.2v.lo dk.23.lo dl.2z.lo dm.27.mg dn.33.mg do.dm.lg dp.dn.lg dq.c7.lo dr.ia.lo ds.2y.lo dw.1z.ld d\
    x.2v.ld e0.26.lc e1.32.lc e2.5h.ld e3.6d.ld e4.5i.ld e5.6e.ld e6.60.ld e7.6w.ld e8.1t.lr e9.2p.lr ea.1t.lt eb.2p\
    .lt ec.1x.lr ed.2t.lr ee.1x.lt ef.2t.lt eg.21.lr eh.2x.lr ei.21.lt ej.2x.lt ek.27.lr el.33.lr em.27.lt en.33.lt \
    eo.2a.lr ep.36.lr eq.2a.lt er.36.lt es.2d.lr et.39.lr eu.2d.lt ev.39.lt ew.2b.me ex.37.me ey.2c.me ez.38.me f2.2\
    0.lo f3.2w.lo fa.1t.lj fb.2p.lj fc.1x.mf fd.2t.mf fe.5y.lg ff.6u.lg fg.5x.lg fh.6t.lg fi.27.lj fj.33.lj fk.fi.lg\
     fl.fj.lg fm.2h.lg fn.3d.lg n4!lc n5!ld n7!lv n8!lk!ld ok!jd ou!1n p1.4o.ld p2.pd.ld p3!53 p4.ph.ld p5.pj.ld p6.\
    pl.ld p8.pr.ld pa.px.ld pb.q1.ld pc.qy.ld q2.pl.lk q3.px.lk q4.q9.ld q5.qd.ld q6.qf.ld q7.qh.ld q8.qz.ld qy.qh.l\
    k qz.qt.lk r0.qn.ld r1.qt.ld r2.qx.ld r7.r6.ld r8.r6.lk sg.t1.lc sh.t1.lk sj.sz.ld sn.sm.lk ss.t6.ld st.t4.lc su\
    .tf.li t5.t4.li u1.u0.li uo.tx.lc up.tx.lk ur.tv.ld uv.uu.lk v0.u2.ld v1.u0.lc v2.ub.li vq.vo.lr vr.vp.lr xt.t2.\
    li xu.ty.li y8.sw.li y9.ts.li ya.sw.lk yb.ts.lk ye.t1.li yf.tx.li yi.yg.lk yj.yh.lk yk.t2.lk yl.ty.lk ym.t3.lk y\
    n.tz.lk yq.t4.lg yr.u0.lg ys.t4.lk yt.u0.lk yu.ta.lk yv.u6.lk yy.yw.lk yz.yx.lk z0.tp.lk z1.ul.lk z2.tf.lg z3.ub\
    .lg z4.tf.lk z5.ub.lk z6.tf.ln z7.ub.ln z8.tj.lk z9.uf.lk zc.tn.lk zd.uj.lk 17m.17r.18z 17n.17r.190 17o.18o.190 \
    17p.17r.191 17q.18q.190 1c0.1cl.190 1c2.1c1.190 1cj.1ci.190 1t5.1t4.1to 1td.1tc.1to 1tg.1tf.1to 1ug!1sl!1to 1uh!\
    1sm!1to 1ui!1sn!1to 1uj!1ss!1to 1uk!1sx!1to 1ul!1sy!1to 1um!1t7!1to 1un!1tb!1to 1xn.1xj.1xa 1xo.1xj.1xz 1y4!1wh!\
    1x8 1y5!1wi!1x8 1y7!1wv!1x8 20j!20i!20s 20m!20o!20s 21l!1zq!20s 21m!1zr!20s 21n!1zw!20s 21q!20b!20s 288.287.28m \
    28b.287.27y 28c.287.28n 28s!275!27w 28t!276!27w 2ac.2aa.2c7 2bu.2bq.2bi 2bv.2br.2bi 2bw.2bq.2c7 2fc.2fa.2fq 2io.\
    2in.2j9 2iv.2iu.2j9 2iw.2iu.2ja 2iy.2iu.2iq 2iz.2iy.2j9 2mi.2me.2m6 2mj.2mf.2m6 2mk.2me.2mv 2qi.2qh.2q2 2qk.2qh.\
    2q7 2ql.2qk.2q2 2qm.2qh.2qn 30j!30i!33r 30t!30s!33r 30y!30x!33r 313!312!33r 318!317!33r 31l!30g!33p 31v!31t!31u \
    31x!31t!31w 31y!33m!328 320!33n!328 329!31t!328 32r!32q!33r 331!330!33r 336!335!33r 33b!33a!33r 33g!33f!33r 33t!\
    32o!33p 36u.36t.372 5c6.5c5.5dh 5c8.5c7.5dh 5ca.5c9.5dh 5cc.5cb.5dh 5ce.5cd.5dh 5ci.5ch.5dh 5dn.5dm.5dh 5dp.5do.\
    5dh 5ds.5dq.5dh 5dt.5dr.5dh 5dv.5du.5dh 5xc.1t.md 5xd.2p.md 5xe.1u.lj 5xf.2q.lj 5xg.1u.mb 5xh.2q.mb 5xi.1u.mp 5x\
    j.2q.mp 5xk.5j.ld 5xl.6f.ld 5xm.1w.lj 5xn.2s.lj 5xo.1w.mb 5xp.2s.mb 5xq.1w.mp 5xr.2s.mp 5xs.1w.mf 5xt.2s.mf 5xu.\
    1w.ml 5xv.2s.ml 5xw.7m.lc 5xx.7n.lc 5xy.7m.ld 5xz.7n.ld 5y0.1x.ml 5y1.2t.ml 5y2.1x.mo 5y3.2t.mo 5y4.fc.li 5y5.fd\
    .li 5y6.1y.lj 5y7.2u.lj 5y8.1z.lg 5y9.2v.lg 5ya.20.lj 5yb.2w.lj 5yc.20.mb 5yd.2w.mb 5ye.20.lk 5yf.2w.lk 5yg.20.m\
    f 5yh.2w.mf 5yi.20.mm 5yj.2w.mm 5yk.21.mo 5yl.2x.mo 5ym.5r.ld 5yn.6n.ld 5yo.23.ld 5yp.2z.ld 5yq.23.mb 5yr.2z.mb \
    5ys.23.mp 5yt.2z.mp 5yu.24.mb 5yv.30.mb 5yw.5yu.lg 5yx.5yv.lg 5yy.24.mp 5yz.30.mp 5z0.24.ml 5z1.30.ml 5z2.25.ld \
    5z3.31.ld 5z4.25.lj 5z5.31.lj 5z6.25.mb 5z7.31.mb 5z8.26.lj 5z9.32.lj 5za.26.mb 5zb.32.mb 5zc.26.mp 5zd.32.mp 5z\
    e.26.ml 5zf.32.ml 5zg.5x.ld 5zh.6t.ld 5zi.5x.lk 5zj.6t.lk 5zk.98.lc 5zl.99.lc 5zm.98.ld 5zn.99.ld 5zo.28.ld 5zp.\
    34.ld 5zq.28.lj 5zr.34.lj 5zs.2a.lj 5zt.36.lj 5zu.2a.mb 5zv.36.mb 5zw.5zu.lg 5zx.5zv.lg 5zy.2a.mp 5zz.36.mp 600.\
    2b.lj 601.37.lj 602.2b.mb 603.37.mb 604.9m.lj 605.9n.lj 606.9s.lj 607.9t.lj 608.602.lj 609.603.lj 60a.2c.lj 60b.\
    38.lj 60c.2c.mb 60d.38.mb 60e.2c.mp 60f.38.mp 60g.2c.ml 60h.38.ml 60i.2d.mc 60j.39.mc 60k.2d.mo 60l.39.mo 60m.2d\
    .ml 60n.39.ml 60o.a0.ld 60p.a1.ld 60q.a2.lk 60r.a3.lk 60s.2e.lf 60t.3a.lf 60u.2e.mb 60v.3a.mb 60w.2f.lc 60x.3b.l\
    c 60y.2f.ld 60z.3b.ld 610.2f.lk 611.3b.lk 612.2f.lj 613.3b.lj 614.2f.mb 615.3b.mb 616.2g.lj 617.3c.lj 618.2g.lk \
    619.3c.lk 61a.2h.lj 61b.3d.lj 61c.2i.le 61d.3e.le 61e.2i.mb 61f.3e.mb 61g.2i.mp 61h.3e.mp 61i.2w.mp 61j.38.lk 61\
    k.3b.lm 61l.3d.lm 61n.an.lj 61s.1t.mb 61t.2p.mb 61u.1t.ll 61v.2p.ll 61w.5e.ld 61x.6a.ld 61y.5e.lc 61z.6a.lc 620.\
    5e.ll 621.6a.ll 622.5e.lf 623.6a.lf 624.61s.le 625.61t.le 626.76.ld 627.77.ld 628.76.lc 629.77.lc 62a.76.ll 62b.\
    77.ll 62c.76.lf 62d.77.lf 62e.61s.li 62f.61t.li 62g.1x.mb 62h.2t.mb 62i.1x.ll 62j.2t.ll 62k.1x.lf 62l.2t.lf 62m.\
    5m.ld 62n.6i.ld 62o.5m.lc 62p.6i.lc 62q.5m.ll 62r.6i.ll 62s.5m.lf 62t.6i.lf 62u.62g.le 62v.62h.le 62w.21.ll 62x.\
    2x.ll 62y.21.mb 62z.2x.mb 630.27.mb 631.33.mb 632.27.ll 633.33.ll 634.5w.ld 635.6s.ld 636.5w.lc 637.6s.lc 638.5w\
    .ll 639.6s.ll 63a.5w.lf 63b.6s.lf 63c.630.le 63d.631.le 63e.bk.ld 63f.bl.ld 63g.bk.lc 63h.bl.lc 63i.bk.ll 63j.bl\
    .ll 63k.bk.lf 63l.bl.lf 63m.bk.mb 63n.bl.mb 63o.2d.mb 63p.39.mb 63q.2d.ll 63r.39.ll 63s.bz.ld 63t.c0.ld 63u.bz.l\
    c 63v.c0.lc 63w.bz.ll 63x.c0.ll 63y.bz.lf 63z.c0.lf 640.bz.mb 641.c0.mb 642.2h.lc 643.3d.lc 644.2h.mb 645.3d.mb \
    646.2h.ll 647.3d.ll 648.2h.lf 649.3d.lf 64g.q9.lv 64h.q9.lw 64i.64g.lc 64j.64h.lc 64k.64g.ld 64l.64h.ld 64m.64g.\
    n6 64n.64h.n6 64o.pd.lv 64p.pd.lw 64q.64o.lc 64r.64p.lc 64s.64o.ld 64t.64p.ld 64u.64o.n6 64v.64p.n6 64w.qd.lv 64\
    x.qd.lw 64y.64w.lc 64z.64x.lc 650.64w.ld 651.64x.ld 654.ph.lv 655.ph.lw 656.654.lc 657.655.lc 658.654.ld 659.655\
    .ld 65c.qf.lv 65d.qf.lw 65e.65c.lc 65f.65d.lc 65g.65c.ld 65h.65d.ld 65i.65c.n6 65j.65d.n6 65k.pj.lv 65l.pj.lw 65\
    m.65k.lc 65n.65l.lc 65o.65k.ld 65p.65l.ld 65q.65k.n6 65r.65l.n6 65s.qh.lv 65t.qh.lw 65u.65s.lc 65v.65t.lc 65w.65\
    s.ld 65x.65t.ld 65y.65s.n6 65z.65t.n6 660.pl.lv 661.pl.lw 662.660.lc 663.661.lc 664.660.ld 665.661.ld 666.660.n6\
     667.661.n6 668.qn.lv 669.qn.lw 66a.668.lc 66b.669.lc 66c.668.ld 66d.669.ld 66g.pr.lv 66h.pr.lw 66i.66g.lc 66j.6\
    6h.lc 66k.66g.ld 66l.66h.ld 66o.qt.lv 66p.qt.lw 66q.66o.lc 66r.66p.lc 66s.66o.ld 66t.66p.ld 66u.66o.n6 66v.66p.n\
    6 66x.px.lw 66z.66x.lc 671.66x.ld 673.66x.n6 674.qx.lv 675.qx.lw 676.674.lc 677.675.lc 678.674.ld 679.675.ld 67a\
    .674.n6 67b.675.n6 67c.q1.lv 67d.q1.lw 67e.67c.lc 67f.67d.lc 67g.67c.ld 67h.67d.ld 67i.67c.n6 67j.67d.n6 67k.q9.\
    lc 67l!q4 67m.qd.lc 67n!q5 67o.qf.lc 67p!q6 67q.qh.lc 67r!q7 67s.qn.lc 67t!r0 67u.qt.lc 67v!r1 67w.qx.lc 67x!r2 \
    680.64g.n9 681.64h.n9 682.64i.n9 683.64j.n9 684.64k.n9 685.64l.n9 686.64m.n9 687.64n.n9 688.64o.n9 689.64p.n9 68\
    a.64q.n9 68b.64r.n9 68c.64s.n9 68d.64t.n9 68e.64u.n9 68f.64v.n9 68g.65c.n9 68h.65d.n9 68i.65e.n9 68j.65f.n9 68k.\
    65g.n9 68l.65h.n9 68m.65i.n9 68n.65j.n9 68o.65k.n9 68p.65l.n9 68q.65m.n9 68r.65n.n9 68s.65o.n9 68t.65p.n9 68u.65\
    q.n9 68v.65r.n9 68w.674.n9 68x.675.n9 68y.676.n9 68z.677.n9 690.678.n9 691.679.n9 692.67a.n9 693.67b.n9 694.67c.\
    n9 695.67d.n9 696.67e.n9 697.67f.n9 698.67g.n9 699.67h.n9 69a.67i.n9 69b.67j.n9 69c.q9.li 69d.q9.lg 69e.67k.n9 6\
    9f.q9.n9 69g.q4.n9 69i.q9.n6 69j.69i.n9 69k.pd.li 69l.pd.lg 69m.pd.lc 69n!p2 69o.pd.n9 69q!qh 69t.4o.n6 69u.67o.\
    n9 69v.qf.n9 69w.q6.n9 69y.qf.n6 69z.69y.n9 6a0.ph.lc 6a1!p4 6a2.pj.lc 6a3!p5 6a4.pj.n9 6a5.69r.lc 6a6.69r.ld 6a\
    7.69r.n6 6a8.qh.li 6a9.qh.lg 6aa.qy.lc 6ab!pc 6ae.qh.n6 6af.qy.n6 6ag.pl.li 6ah.pl.lg 6ai.pl.lc 6aj!p6 6al.6bi.l\
    c 6am.6bi.ld 6an.6bi.n6 6ao.qt.li 6ap.qt.lg 6aq.qz.lc 6ar!q8 6as.qp.lv 6at.qp.lw 6au.qt.n6 6av.qz.n6 6aw.px.li 6\
    ax.px.lg 6ay.px.lc 6az!pa 6b0.pt.lw 6b1.4o.lc 6b2!p1 6b3!2o 6b6.67w.n9 6b7.qx.n9 6b8.r2.n9 6ba.qx.n6 6bb.6ba.n9 \
    6bc.pr.lc 6bd!p8 6be.q1.lc 6bf!pb 6bg.q1.n9 6bh!50 6bk!6bm 6bl!6bn 6jq!q1 6ju!23 6jv!5h 6my.6mo.mw 6mz.6mq.mw 6n\
    i.6ms.mw 6od.6og.mw 6oe.6ok.mw 6of.6oi.mw 6pw.6pv.mw 6q1.6q0.mw 6q4.6q3.mw 6qs.6qr.mw 6qu.6qt.mw 6rl.6rg.mw 6ro.\
    6rn.mw 6rr.6rp.mw 6rt.6rs.mw 6sg.1p.mw 6si.6sh.mw 6st.6rx.mw 6su.1o.mw 6sv.1q.mw 6sw.6sk.mw 6sx.6sl.mw 6t0.6sy.m\
    w 6t1.6sz.mw 6t4.6t2.mw 6t5.6t3.mw 6tc.6t6.mw 6td.6t7.mw 6tg.6te.mw 6th.6tf.mw 6tk.6ti.mw 6tl.6tj.mw 6uk.6ua.mw \
    6ul.6ug.mw 6um.6uh.mw 6un.6uj.mw 6w0.6t8.mw 6w1.6t9.mw 6w2.6tt.mw 6w3.6tu.mw 6wa.6uq.mw 6wb.6ur.mw 6wc.6us.mw 6w\
    d.6ut.mw 6y1!9hk 6y2!9hl 8gs!8gt!mw 9jg.9jf.9ll 9ji.9jh.9ll 9jk.9jj.9ll 9jm.9jl.9ll 9jo.9jn.9ll 9jq.9jp.9ll 9js.\
    9jr.9ll 9ju.9jt.9ll 9jw.9jv.9ll 9jy.9jx.9ll 9k0.9jz.9ll 9k2.9k1.9ll 9k5.9k4.9ll 9k7.9k6.9ll 9k9.9k8.9ll 9kg.9kf.\
    9ll 9kh.9kf.9lm 9kj.9ki.9ll 9kk.9ki.9lm 9km.9kl.9ll 9kn.9kl.9lm 9kp.9ko.9ll 9kq.9ko.9lm 9ks.9kr.9ll 9kt.9kr.9lm \
    9lg.9ja.9ll 9lq.9lp.9ll 9m4.9m3.9ll 9m6.9m5.9ll 9m8.9m7.9ll 9ma.9m9.9ll 9mc.9mb.9ll 9me.9md.9ll 9mg.9mf.9ll 9mi.\
    9mh.9ll 9mk.9mj.9ll 9mm.9ml.9ll 9mo.9mn.9ll 9mq.9mp.9ll 9mt.9ms.9ll 9mv.9mu.9ll 9mx.9mw.9ll 9n4.9n3.9ll 9n5.9n3.\
    9lm 9n7.9n6.9ll 9n8.9n6.9lm 9na.9n9.9ll 9nb.9n9.9lm 9nd.9nc.9ll 9ne.9nc.9lm 9ng.9nf.9ll 9nh.9nf.9lm 9o4.9ly.9ll \
    9o7.9nz.9ll 9o8.9o0.9ll 9o9.9o1.9ll 9oa.9o2.9ll 9oe.9od.9ll 1d6o!rpk 1d6p!kc4 1d6q!s7e 1d6r!rt4 1d6s!lw1 1d6t!fg\
    2 1d6u!gkl 1d6v!vj0 1d6w!vj0 1d6x!hn5 1d6y!ssx 1d6z!gw7 1d70!hmw 1d71!jcm 1d72!ne1 1d73!p6t 1d74!qin 1d75!qt6 1d\
    76!r20 1d77!sjz 1d78!kxu 1d79!ljv 1d7a!mah 1d7b!mvy 1d7c!q4d 1d7d!sq2 1d7e!uep 1d7f!fia 1d7g!ghh 1d7h!l50 1d7i!m\
    jf 1d7j!qi5 1d7k!v8e 1d7l!ifk 1d7m!m3v 1d7n!qfh 1d7o!r50 1d7p!jih 1d7q!pnc 1d7r!qvz 1d7s!iq2 1d7t!kd3 1d7u!lm2 1\
    d7v!mpo 1d7w!slq 1d7x!fpi 1d7y!g53 1d7z!gda 1d80!jwk 1d81!l3n 1d82!mj4 1d83!nhj 1d84!pa9 1d85!qh2 1d86!qjg 1d87!\
    s1b 1d88!tv6 1d89!upb 1d8a!v7e 1d8b!nt8 1d8c!nzz 1d8d!otc 1d8e!q15 1d8f!t1g 1d8g!vb3 1d8h!rfa 1d8i!hjz 1d8j!iro \
    1d8k!okg 1d8l!pdq 1d8m!mle 1d8n!nuy 1d8o!rsy 1d8p!ttj 1d8q!hjs 1d8r!i8y 1d8s!kyb 1d8t!lp6 1d8u!lxr 1d8v!oq7 1d8w\
    !oxj 1d8x!tor 1d8y!gcy 1d8z!pe3 1d90!g64 1d91!g5o 1d92!o4c 1d93!ou6 1d94!q29 1d95!tpx 1d96!rk0 1d97!jin 1d98!kxu\
     1d99!rge 1d9a!fg9 1d9b!i5j 1d9c!iz6 1d9d!mtj 1d9e!n74 1d9f!gev 1d9g!nwb 1d9h!fr3 1d9i!iw9 1d9j!ff1 1d9k!lho 1d9\
    l!k1k 1d9m!opu 1d9n!gjn 1d9o!hge 1d9p!ni9 1d9q!q4p 1d9r!re2 1d9s!la2 1d9t!sds 1d9u!lfs 1d9v!jjy 1d9w!put 1d9x!jo\
    g 1d9y!n6t 1d9z!fji 1da0!g2x 1da1!g5l 1da2!kn5 1da3!oo7 1da4!prj 1da5!rf6 1da6!ssv 1da7!gdx 1da8!gn6 1da9!ho3 1d\
    aa!ir0 1dab!k3p 1dac!m4e 1dad!nxm 1dae!tkd 1daf!ui2 1dag!vbr 1dah!vda 1dai!gbf 1daj!kau 1dak!l87 1dal!sbm 1dam!i\
    no 1dan!j9s 1dao!jcw 1dap!jve 1daq!lyb 1dar!mdl 1das!n0p 1dat!o22 1dau!ovo 1dav!pdb 1daw!s9y 1dax!q9a 1day!sgz 1\
    daz!t3e 1db0!g7r 1db1!gbn 1db2!gql 1db3!ma0 1db4!r0i 1db5!re2 1db6!iq1 1db7!iyd 1db8!jnf 1db9!l9q 1dba!oji 1dbb!\
    mt1 1dbc!fl0 1dbd!h6h 1dbe!i5j 1dbf!iii 1dbg!izg 1dbh!muq 1dbi!mzt 1dbj!p7e 1dbk!pc6 1dbl!svo 1dbm!tti 1dbn!tvs \
    1dbo!u1k 1dbp!fpn 1dbq!o1a 1dbr!ss4 1dbs!trs 1dbt!j4x 1dbu!fie 1dbv!fyy 1dbw!i5q 1dbx!i7z 1dby!k2h 1dbz!kxu 1dc0\
    !mha 1dc1!ncy 1dc2!q9o 1dc3!sjg 1dc4!vil 1dc5!k94 1dc6!tny 1dc7!gax 1dc8!kfv 1dc9!kj7 1dca!lkx 1dcb!luk 1dcc!mx5\
     1dcd!n6h 1dce!nsb 1dcf!opc 1dcg!u3i 1dch!g31 1dci!je6 1dcj!tq0 1dck!fu3 1dcl!ie1 1dcm!lpm 1dcn!sa2 1dco!ivf 1dc\
    p!j7o 1dcq!kk7 1dcr!mtj 1dcs!tqe 1dct!g89 1dcu!glr 1dcv!i91 1dcw!k5v 1dcx!kem 1dcy!ko8 1dcz!lid 1dd0!mx2 1dd1!na\
    a 1dd2!p6h 1dd3!r0v 1dd4!r1d 1dd5!sss 1dd6!tsy 1dd7!gfz 1dd8!lve 1dd9!gm5 1dda!mhc 1ddb!n14 1ddc!qgq 1ddd!tr7 1d\
    de!uvr 1ddf!vbz 1ddg!kgn 1ddh!lor 1ddi!pns 1ddj!o97 1ddk!obk 1ddl!olu 1ddm!mo0 1ddn!m8p 1ddo!riw 1ddp!fk0 1ddq!p\
    x2 1ddr!g8q 1dds!g7b 1ddt!ip2 1ddu!jir 1ddv!onq 1ddw!i2t 1ddx!ljy 1ddy!kac 1ddz!saj 1de0!qx8 1de1!tot 1de2!r63 1\
    de3!iqb 1de4!g1s 1de5!gxs 1de8!hga 1dea!k8k 1ded!g66 1dee!mqy 1def!ngq 1deg!ny4 1deh!nz2 1dei!nz9 1dej!o0f 1dek!\
    tw6 1del!on2 1dem!p8d 1deo!qhe 1deq!rg8 1det!shk 1deu!sn1 1dey!u7j 1dez!u7w 1df0!u94 1df1!v5g 1df2!sm6 1df3!trr \
    1df4!fqm 1df5!fzb 1df6!g25 1df7!gcp 1df8!gdg 1df9!ggh 1dfa!gwt 1dfb!gzq 1dfc!h2g 1dfd!hfk 1dfe!hig 1dff!i90 1dfg\
    !i9a 1dfh!j2s 1dfi!j8o 1dfj!j9q 1dfk!jci 1dfl!k0f 1dfm!k4i 1dfn!k9d 1dfo!kn9 1dfp!lmf 1dfq!lqy 1dfr!lya 1dfs!mem\
     1dft!mjv 1dfu!mxu 1dfv!ntd 1dfw!ny6 1dfx!nyh 1dfy!nyg 1dfz!nyo 1dg0!nyu 1dg1!nz1 1dg2!o0d 1dg3!o0e 1dg4!o5c 1dg\
    5!o75 1dg6!og0 1dg7!ovo 1dg8!ow9 1dg9!oxt 1dga!p6a 1dgb!pad 1dgc!pnx 1dgd!prt 1dge!prt 1dgf!q53 1dgg!r2o 1dgh!r6\
    e 1dgi!rgh 1dgj!ri1 1dgk!rtf 1dgl!ruw 1dgm!sdy 1dgn!shk 1dgo!tsz 1dgp!u0v 1dgq!u2j 1dgr!j1x 1dgs!36cu 1dgt!pp4 1\
    dgw!ffq 1dgx!g51 1dgy!g2w 1dgz!fpc 1dh0!g1x 1dh1!g3k 1dh2!gcn 1dh3!ge2 1dh4!gwt 1dh5!gut 1dh6!gwp 1dh7!gyq 1dh8!\
    hga 1dh9!hir 1dha!hms 1dhb!hn8 1dhc!huq 1dhd!i08 1dhe!iqa 1dhf!iqh 1dhg!iuh 1dhh!iwd 1dhi!j4o 1dhj!j7y 1dhk!j60 \
    1dhl!j9q 1dhm!j8g 1dhn!jci 1dho!jec 1dhp!jpg 1dhq!jrw 1dhr!jte 1dhs!k0m 1dht!k8k 1dhu!kd3 1dhv!kd7 1dhw!keu 1dhx\
    !l89 1dhy!la2 1dhz!lkx 1di0!lwb 1di1!lvv 1di2!lya 1di3!m5a 1di4!mem 1di5!nmv 1di6!mk5 1di7!mnj 1di8!mqy 1di9!n01\
     1dia!n46 1dib!n5n 1dic!nbx 1did!nbz 1die!ngq 1dif!nh7 1dig!nhw 1dih!nka 1dii!nk0 1dij!nv0 1dik!o8h 1dil!og0 1di\
    m!ol7 1din!orf 1dio!ovo 1dip!p4u 1diq!pad 1dir!pxu 1dis!q27 1dit!qrd 1diu!r41 1div!r5y 1diw!r6e 1dix!ren 1diy!rg\
    8 1diz!rez 1dj0!rgh 1dj1!rge 1dj2!rfx 1dj3!ri1 1dj4!rka 1dj5!ruw 1dj6!sag 1dj7!sj6 1dj8!srd 1dj9!sxi 1dja!tq4 1d\
    jb!tsz 1djc!tw6 1djd!tzv 1dje!u0v 1djf!u17 1djg!u2j 1djh!umq 1dji!vj0 1djj!313e 1djk!3138 1djl!33dh 1djm!brx 1dj\
    n!cns 1djo!cop 1djp!39e1 1djq!3bgw 1djr!3i6r 1djs!vgj 1djt!vim 1dlp!15l!14k 1dlr!16a!14n 1dm2!161!14x 1dm3!161!1\
    4y 1dm4!1dmx!14x 1dm5!1dmx!14y 1dm6!15c!14n 1dm7!15c!14o 1dm8!15c!14s 1dm9!15d!14s 1dma!15e!14s 1dmb!15f!14s 1dm\
    c!15g!14s 1dmd!15h!14s 1dme!15i!14s 1dmg!15k!14s 1dmh!15l!14s 1dmi!15m!14s 1dmj!15n!14s 1dmk!15o!14s 1dmm!15q!14\
    s 1dmo!15s!14s 1dmp!15t!14s 1dmr!15v!14s 1dms!15w!14s 1dmu!15y!14s 1dmv!15z!14s 1dmw!160!14s 1dmx!161!14s 1dmy!1\
    62!14s 1dmz!15h!14p 1dn0!15d!14v 1dn1!15n!14v 1dn2!15w!14v 1hui.1huh.1hve 1huk.1huj.1hve 1huz.1hut.1hve 1hym.1hy\
    p.1hyf 1hyn.1hyq.1hyf 1idn.1idj.1ida 1ido.1idj.1idz 1inv.1int.1inu 1inw.1int.1ink 1iny.1int.1inx 1iuy.1iuw.1iun \
    1iuz.1iux.1iun 2jxa!2jx3!2jxh 2jxb!2jx4!2jxh 2jxc!2jxb!2jxq 2jxd!2jxb!2jxr 2jxe!2jxb!2jxs 2jxf!2jxb!2jxt 2jxg!2j\
    xb!2jxu 2jzv!2jzt!2jxh 2jzw!2jzu!2jxh 2jzx!2jzv!2jxq 2jzy!2jzw!2jxq 2jzz!2jzv!2jxr 2k00!2jzw!2jxr 464g!fgd 464h!\
    fg8 464i!fgh 464j!2tcy 464k!fog 464l!fqm 464m!fqz 464n!fsy 464o!fwa 464p!fx5 464q!fzb 464r!fyn 464s!ae6 464t!2ud\
    6 464u!g25 464v!g2c 464w!g2s 464x!g3b 464y!2u58 464z!aex 4650!g2v 4651!g3x 4652!2u6j 4653!g47 4654!g4k 4655!fkc \
    4656!g4s 4657!g51 4658!3ly7 4659!g6t 465a!g77 465b!afz 465c!g8r 465d!g92 465e!gaa 465f!gaf 465g!ahh 465h!gcn 465\
    i!gcp 465j!gdg 465k!ge2 465l!ged 465m!gee 465n!gev 465o!gg9 465p!ggh 465q!ggq 465r!ghf 465s!ghp 465t!ghr 465u!gh\
    r 465v!ghr 465w!2v58 465x!m7k 465y!gju 465z!gkf 4660!2vdv 4661!gkr 4662!gkx 4663!gli 4664!gpq 4665!gmw 4666!gnc \
    4667!go8 4668!gpu 4669!gs6 466a!gsw 466b!gur 466c!gv7 466d!gw4 466e!gw4 466f!gwp 466g!gx7 466h!gxf 466i!gxu 466j\
    !h7a 466k!gzq 466l!h7b 466m!h1t 466n!h2s 466o!g7b 466p!hke 466q!hce 466r!hdg 466s!he5 466t!haj 466u!hf6 466v!hf5\
     466w!hik 466x!2x9g 466y!hki 466z!hkn 4670!hl2 4671!hlm 4672!hlu 4673!hnm 4674!2xm0 4675!2xnu 4676!hrg 4677!hsr \
    4678!ht3 4679!hqw 467a!huu 467b!aum 467c!av0 467d!hzc 467e!i0u 467f!i0u 467g!2y88 467h!i4j 467i!i54 467j!i5j 467\
    k!i5v 467l!2yhk 467m!i67 467n!i6e 467o!itv 467p!i76 467q!ayp 467r!i8w 467s!i9a 467t!ibk 467u!ia5 467v!2z1g 467w!\
    if7 467x!2z1i 467y!ige 467z!igb 4680!igs 4681!ijl 4682!ijm 4683!b3j 4684!ikd 4685!ilk 4686!im5 4687!ind 4688!b4y\
     4689!2zr7 468a!b5o 468b!ipc 468c!ipf 468d!ipi 468e!iq2 468f!3pg2 468g!iri 468h!3035 468i!3035 468j!poh 468k!isi\
     468l!isi 468m!b7r 468n!335k 468o!3cgq 468p!iua 468q!iuj 468r!b8j 468s!ivu 468t!ix9 468u!ixj 468v!iyh 468w!j29 4\
    68x!bay 468y!ba4 468z!j2s 4690!30t0 4691!j47 4692!j7s 4693!j7w 4694!j7y 4695!j7w 4696!j96 4697!j9q 4698!jaq 4699\
    !jac 469a!jan 469b!jby 469c!jci 469d!jcm 469e!jdc 469f!jdn 469g!jfh 469h!jht 469i!jis 469j!jm8 469k!31n0 469l!jl\
    p 469m!jjw 469n!jmw 469o!jnn 469p!jqc 469q!31td 469r!js2 469s!jph 469t!jop 469u!bhq 469v!ju1 469w!jum 469x!jvh 4\
    69y!juf 469z!bjg 46a0!k0f 46a1!k18 46a2!32mi 46a3!k4j 46a4!kc8 46a5!k7d 46a6!bo9 46a7!k9d 46a8!bns 46a9!bms 46aa\
    !g42 46ab!g45 46ac!kcg 46ad!k9o 46ae!pf1 46af!deh 46ag!kd3 46ah!kd7 46ai!kdd 46aj!kf2 46ak!ker 46al!33cz 46am!bp\
    l 46an!kje 46ao!kg5 46ap!klu 46aq!kn9 46ar!33hp 46as!kni 46at!kkf 46au!kr8 46av!brx 46aw!ksi 46ax!kv7 46ay!kx6 4\
    6az!l2g 46b0!33xf 46b1!l3v 46b2!bvc 46b3!l5t 46b4!34br 46b5!l78 46b6!bwu 46b7!l82 46b8!l9b 46b9!la2 46ba!la3 46b\
    b!34p9 46bc!2yvf 46bd!34sa 46be!le6 46bf!354s 46bg!lhb 46bh!lhp 46bi!lev 46bj!ljq 46bk!lku 46bl!lmf 46bm!lkx 46b\
    n!lm1 46bo!lmg 46bp!lmt 46bq!357i 46br!lkk 46bs!lrj 46bt!lta 46bu!c37 46bv!lvv 46bw!lvr 46bx!35jl 46by!lq1 46bz!\
    m0e 46c0!35ni 46c1!35ou 46c2!m2u 46c3!m61 46c4!m5a 46c5!m57 46c6!c5y 46c7!m6i 46c8!m7x 46c9!m7r 46ca!m99 46cb!2u\
    5h 46cc!mdh 46cd!368z 46ce!mfw 46cf!36i3 46cg!mjs 46ch!mk5 46ci!mkw 46cj!36yw 46ck!mm8 46cl!mmt 46cm!3779 46cn!3\
    7dg 46co!mt6 46cp!mtn 46cq!cdo 46cr!mud 46cs!ce0 46ct!ce0 46cu!myv 46cv!mzg 46cw!n01 46cx!n0l 46cy!n2i 46cz!cgr \
    46d0!n50 46d1!386u 46d2!n5q 46d3!389e 46d4!n74 46d5!2zrz 46d6!nbk 46d7!38v5 46d8!38vs 46d9!38zo 46da!cn0 46db!cn\
    c 46dc!nhw 46dd!394j 46de!394i 46df!395l 46dg!396b 46dh!nj2 46di!nj3 46dj!nj3 46dk!nka 46dl!cop 46dm!nm3 46dn!cp\
    2 46do!cra 46dp!39r1 46dq!nri 46dr!nt8 46ds!nv0 46dt!ctf 46du!3a5i 46dv!nyu 46dw!3a8q 46dx!3a9x 46dy!o0f 46dz!o2\
    z 46e0!cvj 46e1!o5c 46e2!o5m 46e3!o5r 46e4!3at8 46e5!3b1j 46e6!3b1j 46e7!oa6 46e8!d1e 46e9!3b8r 46ea!og6 46eb!og\
    9 46ec!d2f 46ed!3beo 46ee!onm 46ef!d5s 46eg!oo8 46eh!oo3 46ei!oow 46ej!3c06 46ek!orn 46el!d8h 46em!ouf 46en!ow2 \
    46eo!oxx 46ep!d9w 46eq!3ciw 46er!3cjr 46es!dax 46et!3cnt 46eu!p6i 46ev!3cqm 46ew!p79 46ex!pa2 46ey!pad 46ez!3d22\
     46f0!3d43 46f1!pcw 46f2!3d7s 46f3!pdc 46f4!33a7 46f5!ded 46f6!pf6 46f7!phf 46f8!dfv 46f9!pj2 46fa!hx1 46fb!3dlz\
     46fc!3dmd 46fd!33bn 46fe!33bw 46ff!poh 46fg!pok 46fh!sda 46fi!dij 46fj!psh 46fk!psb 46fl!pst 46fm!gc3 46fn!ptd \
    46fo!ptf 46fp!ptp 46fq!puu 46fr!3ebg 46fs!put 46ft!pwd 46fu!pyb 46fv!q0d 46fw!pwj 46fx!q0t 46fy!q1z 46fz!q53 46g\
    0!pxv 46g1!q16 46g2!q18 46g3!q1o 46g4!3eie 46g5!3eqz 46g6!3emt 46g7!dnv 46g8!q9d 46g9!q9f 46ga!qae 46gb!3g0a 46g\
    c!qck 46gd!3f3g 46ge!dp9 46gf!dpd 46gg!3f75 46gh!3ff6 46gi!dpn 46gj!qj4 46gk!qjg 46gl!qjr 46gm!qjt 46gn!qll 46go\
    !qko 46gp!qoe 46gq!qn6 46gr!qrd 46gs!qp4 46gt!qqz 46gu!qrq 46gv!dsn 46gw!qu9 46gx!qv5 46gy!dtl 46gz!qxs 46h0!qxv\
     46h1!3giv 46h2!r13 46h3!r1a 46h4!dv9 46h5!r22 46h6!aez 46h7!3gz2 46h8!3h46 46h9!dz2 46ha!dzb 46hb!rds 46hc!rfx \
    46hd!rka 46he!rpx 46hf!3hrc 46hg!rsb 46hh!rsx 46hi!rvf 46hj!rxz 46hk!3i9b 46hl!2upw 46hm!s0b 46hn!rzw 46ho!s1c 4\
    6hp!2uvy 46hq!s7o 46hr!sag 46hs!3jki 46ht!3jl9 46hu!sk4 46hv!smp 46hw!snl 46hx!3ju6 46hy!snv 46hz!svs 46i0!t07 4\
    6i1!t08 46i2!sxo 46i3!t89 46i4!t91 46i5!3ksa 46i6!tjf 46i7!ej9 46i8!tkn 46i9!3l2v 46ia!eli 46ib!ts3 46ic!iia 46i\
    d!tur 46ie!3ltx 46if!3lzu 46ig!epa 46ih!epi 46ii!u00 46ij!3mdm 46ik!er6 46il!3mhi 46im!u17 46in!u17 46io!u21 46i\
    p!3mpi 46iq!u76 46ir!eur 46is!u95 46it!ucn 46iu!ude 46iv!uf2 46iw!ez2 46ix!3nsg 46iy!umq 46iz!uv4 46j0!v0d 46j1!\
    f66 46j2!f71 46j3!v3b 46j4!3owe 46j5!f7c 46j6!3oxx 46j7!3p5a 46j8!3p8x 46j9!vcr 46ja!f9y 46jb!veh 46jc!vem 46jd!\
    vet 46je!vf3 46jf!vfa 46jg!vgb 46jh!3pxc
    """
}
