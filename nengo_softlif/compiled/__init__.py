"""What both compiled simulators are made with: compiler and its cache, SIMD vectors, threads."""
