"""Graphs as pictures and text: walk, arrange, draw, without the graphviz program."""
