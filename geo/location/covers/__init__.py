"""Covering within a radius: MCLP, LSCP, p-center and backup coverage."""
